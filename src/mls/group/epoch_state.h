#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/framing/padding.h"
#include "mls/message/framing.h"
#include "mls/schedule/key_schedule.h"
#include "mls/schedule/secret_tree.h"
#include "mls/tree/ratchet_tree.h"
#include "mls/tree/tree_keys.h"

namespace qpq::mls {

// In which wire format commits and proposals of others are taken. In clear they show the server who is in the group.
enum class IncomingHandshakes : uint8_t { privateOnly = 1, publicToo = 2 };
constexpr bool isKnown(IncomingHandshakes v) {
  return v == IncomingHandshakes::privateOnly || v == IncomingHandshakes::publicToo;
}

// What the application decides once for a group, kept with its state.
struct GroupPolicy {
  RatchetWindow window;
  Padding padding = Padding::padme;
  IncomingHandshakes handshakes = IncomingHandshakes::privateOnly;
  bool operator==(const GroupPolicy&) const = default;
  static constexpr auto fields() {
    return std::tuple{&GroupPolicy::window, &GroupPolicy::padding, &GroupPolicy::handshakes};
  }
};

// What one member holds of one epoch, and a commit replaces as a whole. Public parts first.
struct EpochState {
  GroupContext context;
  RatchetTree tree;
  Bytes interimTranscriptHash;
  TreeKeys keys;             // says which leaf is ours
  SecretBytes signatureKey;  // the private half of our leaf's signature_key
  EpochSecrets secrets;      // without encryptionSecret, which messageKeys has consumed
  SecretTree messageKeys;

  const crypto::Suite& suite() const { return tree.suite(); }
  LeafIndex ownLeaf() const { return keys.self(); }
};

// RFC 9420 §12.4.1, §12.4.2: the new epoch between the tree its commit makes and the secrets it derives. `context` is
// the provisional GroupContext: the old confirmed transcript hash beside the new tree hash.
struct ProvisionalEpoch {
  GroupContext context;
  RatchetTree tree;
};
ProvisionalEpoch provisionalEpoch(const EpochState& before, RatchetTree tree, Extensions extensions);

struct BegunEpoch {
  EpochState state;
  SecretBytes joinerSecret;  // for the Welcome, then gone
  MAC confirmationTag;
};
// The last steps of a commit, the same for its author and everybody else. `commit` is signed; its confirmation tag is
// what this computes. `keys` and `signatureKey` are those of the new epoch.
BegunEpoch beginEpoch(const EpochState& before, ProvisionalEpoch next, TreeKeys keys, SecretBytes signatureKey,
                      const AuthenticatedContent& commit, ByteView commitSecret, ByteView pskSecret);

// An epoch whose secrets derive from `epochSecret`; messageKeys take its encryption_secret.
EpochState stateOf(GroupContext context, RatchetTree tree, TreeKeys keys, SecretBytes signatureKey,
                   EpochSecrets secrets);

}  // namespace qpq::mls
