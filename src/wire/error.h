#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "base/codec.h"

namespace qpq::wire {

// Which rule of docs/protocol/wire.md an input breaks: one code per rule, so that a test can prove each and whoever
// refuses can say why.
enum class ErrorCode : uint8_t {
  // Any structure (`index` is the offset in bytes)
  malformed,     // the bytes are not the structure they claim to be
  unknownValue,  // a version or enum value this program does not know: made by a newer one, or by nobody
  notSorted,     // a list that must ascend strictly does not
  tooLarge,      // a bound of limits.h
  badSignature,
  cannotOpen,  // AEAD: another key, another context, or other bytes

  // User names
  nameLength,
  nameCharacter,

  // Certificates and device lists
  certificateVersion,     // listVersion 0: the first list has 1
  listVersion,            // listVersion 0
  listPrevious,           // a first list with a `previous`, or a later one without
  deviceKeyTwice,         // two devices of one list with the same key
  otherAccount,           // of another account than it must be
  otherAccountKey,        // another account key than the one known: the account key never changes in version 1
  otherDevice,            // of another device than it must be
  listNotNext,            // not the version after the one it should follow
  listPreviousDiffers,    // `previous` is not the hash of that list
  listOlder,              // older than a list already seen
  listForked,             // another list of a version already seen
  deviceVanished,         // a device of the older list is missing
  deviceReturned,         // a revoked device is active again
  deviceChanged,          // a change of an entry that is neither a new key nor a revocation
  deviceRevokedAtOnce,    // a device that appears revoked, having been in no list before
  deviceNotListed,        // the list has no such device
  deviceRevoked,          // the list names it revoked
  deviceKeyDiffers,       // the list has another key for it
  certificateTooNew,      // made for a list after this one
  certificateNotForList,  // enrolment: made for another list than the one it came with
  devicesNotEnrolled,     // the list brings devices or keys other than the one that is being enrolled

  // Vaults
  recoveryKeyShort,
  vaultSealedSize,  // `sealed` is not a sealed seed
  noVault,          // nothing is sealed under the password

  // Server
  otherIdentity,  // not the identity key this client has pinned
  otherTlsKey,    // the connection's certificate is not the one the identity vouches for
  otherIncarnation,
  unknownReceiptKey,
  badMerklePath,    // index, size and path do not lead to a root
  noContradiction,  // two attestations that can both be true

  // Envelopes and their terms
  notPrivateMessage,  // MLS, but not mls10 in a PrivateMessage
  otherLog,           // group_id or `log` is another log's
  kindDiffers,        // MLS content type, or an ask, against the kind in the terms
  leaverMissing,      // a SelfRemove without `leaver`
  leaverUnexpected,   // an ask with `leaver`
  leaverDiffers,      // `leaver` is not the sender
  keyPackageDiffers,  // the key package of an ask is not that of its certificate
  otherEntryId,       // terms that do not fit their place: the server's lie
  otherKind,
  otherCommitsSeen,
  newestNotBelow,  // a claim at or above its own place
  chainGap,        // not the entry after the last one

  // Rosters and rights
  notOnRoster,      // removed or leaving without being there
  alreadyOnRoster,  // added or restored while being there
  rosterDiffers,    // the roster after the commit does not hash to rosterAfter
  neverHadRights,   // restored without ever having been on the roster
  senderNotOnRoster,
  firstNotCommit,    // a log begins with a commit
  creatorNotAdded,   // the first commit does not name its creator's device
  otherCertificate,  // an ask with another certificate than the one stored
  accountNotOfPair,  // a direct conversation with a third account
  welcomeMissing,
  welcomeUnexpected,

  // Conversations
  unknownPolicy,      // a policyVersion this program does not know: read on, send nothing
  conversationPair,   // `pair` does not fit the kind
  conversationRoles,  // `roles` does not fit the kind, or lists a plain member
  conversationName,   // longer than kConversationNameSizeMax, or not UTF-8

  // Leaves (`index` is the place in the list that was given)
  leafCredential,     // not a basic credential that holds a certificate
  leafKeyDiffers,     // signature_key is not the certificate's deviceKey
  accountKeysDiffer,  // two account keys for one account in one tree
  deviceTwice,        // two leaves for one device
  unknownLeaf,        // names a device that has no leaf
  leafOwnerChanged,   // a leaf that changes to another account or device

  // Rights in a group (`index` likewise)
  proposalNotAllowed,    // a proposal type the policy has no place for
  selfRemoveNotCovered,  // a SelfRemove of the epoch the commit leaves out
  committerLeaves,       // a commit that removes its own committer
  addNotAllowed,
  removeNotAllowed,
  removesOwner,            // an owner's device removed by one who is none
  extensionsNotAllowed,    // a change of the GroupContext other than 0xF0C1
  conversationNotAllowed,  // 0xF0C1 changed by one who is no owner
  conversationFixed,       // a change of kind, pair, predecessor, or back to an older policy
  noOwner,                 // 0xF0C1 that leaves the group without a present owner
  addedNotNewLeaves,       // `added` is not the new leaves
  rosterNotLeaves,         // rosterAfter is not the hash of the leaves after the commit
  newcomerNotAdded,        // a Welcome for a device its commit does not add
  otherPair,               // a direct log of another pair than the one known for it

  // Application data
  otherContentId,  // the id inside is not the entry's
  notUtf8,
  notFresh,     // an ephemeral not above the last one of its device
  fileLength,   // the length of a sealed file is none, or does not fit the size it is said to have
  filePadding,  // what fills up a file is not zeros

  // Key packages
  otherSuite,
  notAKeyPackageLeaf,  // leaf_node_source
  capabilityMissing,   // what every member of a group of ours must be able to do
  lifetimeTooLong,
  lifetimeNotBegun,
  lifetimeOver,
};

// The name of the code as written above, for logs and tests.
std::string_view name(ErrorCode code);

struct Error {
  ErrorCode code;
  uint32_t index = 0;  // where, as noted; 0 where nothing is noted

  constexpr Error(ErrorCode code, std::size_t index = 0): code(code), index(static_cast<uint32_t>(index)) {}
  // Implicit, so that TRY lets the decoders' errors through.
  constexpr Error(DecodeError error): Error(codeOf(error.code), error.offset) {}
  bool operator==(const Error&) const = default;

 private:
  static constexpr ErrorCode codeOf(DecodeError::Code code) {
    switch (code) {
      case DecodeError::Code::unknownValue: return ErrorCode::unknownValue;
      case DecodeError::Code::notSorted: return ErrorCode::notSorted;
      case DecodeError::Code::tooLarge: return ErrorCode::tooLarge;
      case DecodeError::Code::truncated:
      case DecodeError::Code::trailingBytes:
      case DecodeError::Code::nonMinimalLength:
      case DecodeError::Code::invalid: return ErrorCode::malformed;
    }
    return ErrorCode::malformed;
  }
};

template <class T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ErrorCode code, std::size_t index = 0) {
  return std::unexpected(Error(code, index));
}

}  // namespace qpq::wire
