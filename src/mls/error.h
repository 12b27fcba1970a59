#pragma once

#include <cstdint>
#include <expected>

#include "base/codec.h"
#include "crypto/error.h"

namespace qpq::mls {

// Which rule of RFC 9420 an input breaks: one code per rule, so that a test can prove each and a caller
// can say what was wrong. `index` of the Error says where, as noted: a node, leaf or proposal index, or an offset in
// bytes; 0 where nothing is noted.
enum class ErrorCode : uint16_t {
  // §2.1, and the bounds of limits.h
  malformed,  // offset: the bytes are not the structure they claim to be, or padding is not zero (§6.3.1)

  // §5: primitives
  invalidKey,        // a public or private key the suite's algorithm does not take
  invalidSignature,  // a signature that does not verify where no closer code says whose
  decryptionFailed,  // HPKE or AEAD: not sealed to us, or not these bytes
  cryptoFailure,     // the library could not do it (memory, randomness, impossible length)
  unknownSuite,      // §5.1: a cipher suite this build does not have
  wrongSuite,        // §10.1, §12.4.3.1: not the suite of the group or of the key package

  // §6: framing
  wrongGroup,               // group_id is another group's
  pastEpoch,                // §12.1, §12.4.2: the secrets of that epoch are deleted
  futureEpoch,              // §12.1, §12.4.2: a commit that came before has not been applied
  wrongWireFormat,          // this message must not travel in this wire format
  wrongContentType,         // §6.1: this sender must not send this kind of content
  applicationNotEncrypted,  // §6: application data in a PublicMessage
  unknownSender,            // leaf or sender index: blank leaf, or no such external sender
  wrongSenderType,          // §6.1: no member, where only a member may speak
  messageSignature,         // §6.1: FramedContentAuthData.signature
  membershipTag,            // §6.2
  confirmationTag,          // §6.1, §8.1
  ownMessage,               // sent by ourselves: there is no key to read it with

  // §9: the secret tree
  generationUsed,    // generation: its key was used and deleted
  generationTooFar,  // generation: more steps ahead than limits.h allows
  generationsSpent,  // this sender has used every generation of the epoch

  // §7.3: leaf nodes (leaf index)
  leafSignature,
  leafSource,                 // leaf_node_source is not the one this place asks for
  leafVersionUnsupported,     // capabilities do not list the protocol version of the group
  leafSuiteUnsupported,       // … the cipher suite of the group
  leafExtensionUnlisted,      // … an extension the leaf itself carries
  leafCredentialUnlisted,     // … the type of its own credential
  certificateMalformed,       // §5.3: an X.509 credential without certificate, or whose first is not readable
  certificateKeyMismatch,     // §5.3: signature_key is not the key the first certificate is for
  requiredCapability,         // … what required_capabilities demands
  groupExtensionUnsupported,  // §13.4: … an extension of the GroupContext
  credentialUnsupported,      // some member does not support a credential type in use
  lifetimeNotBegun,           // §7.2
  lifetimeOver,
  lifetimeTooLong,
  leafKeyUnchanged,        // §7.3, §12.4.2: an update must bring a fresh encryption_key
  leafKeyLength,           // encryption_key or signature_key is not of the suite's length
  duplicateSignatureKey,   // two leaves with one signature_key
  duplicateEncryptionKey,  // node index: two nodes with one encryption_key

  // §7.4 to §7.9, §12.4.3.1, §12.4.3.3: the ratchet tree (node index)
  treeEmpty,
  treeTooLarge,
  trailingBlank,         // the last node of a ratchet_tree is blank
  misplacedNode,         // a parent at a leaf's position or the other way round
  unmergedNotSorted,     // §7.1
  unmergedNotBelow,      // an unmerged leaf that is no descendant
  unmergedBlank,         // an unmerged leaf that is blank
  unmergedNotInherited,  // a non-blank node between leaf and parent does not list it
  parentHashInvalid,     // §7.9.2: no chain of parent hashes from a leaf to this node, or two
  treeHashMismatch,      // the tree is not the one of the GroupContext
  blankLeaf,             // leaf index: the leaf is blank or outside the tree
  ownLeafMissing,        // §12.4.3.1: no leaf is that of our key package

  // §7.5, §7.6, §12.4.2: update paths (node index)
  pathLength,          // not one node per node of the filtered direct path
  pathCiphertexts,     // not one ciphertext per node of the resolution
  pathKeyReused,       // a public key of the path already stands in the tree
  pathKeyMismatch,     // a public key is not the one its path secret derives
  pathParentHash,      // leaf_node.parent_hash is not the parent hash of the path
  pathNotReadable,     // we hold no private key of the resolution we belong to
  privateKeyMismatch,  // a private key does not belong to the public key in the tree
  pathSecretLength,    // a path secret is not Nh bytes

  // §8.4: pre-shared keys
  unknownPsk,
  pskNonceLength,
  pskUsage,  // §12.1.4, §12.4.3.1: resumption PSK of another purpose
  duplicatePsk,

  // §10: key packages
  keyPackageSignature,
  initKeyReused,      // init_key equals leaf_node.encryption_key
  unknownKeyPackage,  // §12.4.3.1: no entry of the Welcome names a key package of ours

  // §11, §12.4.3.1: groups
  groupInfoSignature,
  groupExists,  // group_id is one we are in already
  duplicateExtension,

  // §12.2: proposal lists (proposal index)
  unknownProposalRef,    // a reference to a proposal we have not seen in this epoch
  unsupportedProposal,   // a type not every processing member supports
  externalProposalType,  // §12.1.8: a type external senders must not send
  updateByCommitter,
  removeOfCommitter,
  removeOfBlank,         // §12.1.3
  conflictingProposals,  // two Updates or Removes of one leaf
  duplicateAdd,          // two Adds of one client
  addOfMember,           // an Add of a client that stays in the group
  updateNotByMember,
  multipleGroupContextExtensions,
  reInitNotAlone,
  reInitVersion,            // §12.1.5: below the group's
  externalInitOutput,       // §8.3: kem_output is none of the suite's
  externalInitInside,       // ExternalInit in a commit that is not external
  externalCommitProposals,  // §12.2: not the list an external commit may have
  selfRemoveByValue,        // draft-ietf-mls-extensions: SelfRemove is committed by reference only
  selfRemoveByCommitter,
  selfRemoveNotCovered,  // leaf index: a SelfRemove received in this epoch is left out
  appDataInExtensions,   // draft-ietf-mls-extensions: only AppDataUpdate may change app_data_dictionary here
  appDataConflict,       // … one component is updated and removed, or removed twice
  appDataRefused,        // … by the component, or there is nothing to remove
  tooManyProposals,      // a bound of limits.h: the proposals kept for one epoch

  // §11.2, §11.3: groups that follow another
  groupNotReinitialized,  // no ReInit was committed
  successorEpoch,         // the first epoch with newcomers is not 1
  successorParameters,    // not what the ReInit says, or a branch with another suite
  successorMembers,       // leaf index: a member is left behind by a ReInit, or was in no branched group before

  // §12.4.3.2: external commits
  externalPubMissing,  // the GroupInfo lets nobody in

  // draft-ietf-mls-extensions, safe exporter
  secretExported,  // component: its secret of this epoch has been given out

  // §12.4: commits
  pathMissing,         // §12.4: the proposals require a path
  ownCommit,           // to be merged from the pending commit, not processed
  removedFromGroup,    // this state can do nothing more: we have been removed
  groupReinitialized,  // §11.2: a ReInit was committed
  proposalsPending,    // §12.4: a proposal was received in this epoch: commit before sending application data
  badPath,             // only the part of the path meant for us cannot be read: for others the commit may be valid
  commitPending,       // an own commit is undecided
  noCommitPending,
  staleTransition,  // staged on a state that is no longer the group's

  // What the group's policy leaves out: ReInit, senders from outside, external commits, resync
  unsupported,

  // The state a group was loaded from
  damagedState,  // not records this build has saved
};

struct Error {
  ErrorCode code;
  uint32_t index = 0;

  constexpr Error(ErrorCode code, uint32_t index = 0): code(code), index(index) {}
  // Implicit, so that TRY lets the errors of the rooms below through.
  constexpr Error(DecodeError error): code(ErrorCode::malformed), index(static_cast<uint32_t>(error.offset)) {}
  constexpr Error(crypto::CryptoError error): code(codeOf(error)) {}
  bool operator==(const Error&) const = default;

 private:
  static constexpr ErrorCode codeOf(crypto::CryptoError error) {
    switch (error) {
      case crypto::CryptoError::badPublicKey:
      case crypto::CryptoError::badPrivateKey: return ErrorCode::invalidKey;
      case crypto::CryptoError::badSignature: return ErrorCode::invalidSignature;
      case crypto::CryptoError::badTag: return ErrorCode::decryptionFailed;
      case crypto::CryptoError::badLength:
      case crypto::CryptoError::refused:
      case crypto::CryptoError::exhausted: return ErrorCode::cryptoFailure;
    }
    return ErrorCode::cryptoFailure;
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, uint32_t index = 0) { return std::unexpected(Error(code, index)); }

}  // namespace qpq::mls
