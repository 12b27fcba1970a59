#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/group/policy.h"
#include "mls/group/public_epoch.h"
#include "mls/message/framing.h"
#include "mls/schedule/exporter_tree.h"
#include "mls/schedule/key_schedule.h"
#include "mls/schedule/secret_tree.h"
#include "mls/tree/tree_keys.h"

namespace qpq::mls {

// What one member holds of one epoch, and a commit replaces as a whole.
struct EpochState: PublicEpoch {
  TreeKeys keys;                    // says which leaf is ours
  crypto::SigningKey signatureKey;  // the private half of our leaf's signature_key
  EpochSecrets secrets;             // without those the two trees have consumed
  SecretTree messageKeys;
  ExporterTree exporters;

  LeafIndex ownLeaf() const { return keys.self(); }
};

// What the key schedule takes in beside the GroupContext (RFC 9420 §8). Borrowed.
struct EpochInputs {
  ByteView initSecret;  // of the epoch before, or the one an external commit brings (§8.3)
  ByteView commitSecret;
  ByteView pskSecret;
};

struct BegunEpoch {
  EpochState state;
  SecretBytes joinerSecret;  // for the Welcome, then gone
  MAC confirmationTag;
};
// The last steps of a commit, the same for its author and everybody else. `commit` is signed; its confirmation tag is
// what this computes. `keys` and `signatureKey` are those of the new epoch.
BegunEpoch beginEpoch(const PublicEpoch& before, const EpochInputs& inputs, ProvisionalEpoch next, TreeKeys keys,
                      crypto::SigningKey signatureKey, const AuthenticatedContent& commit);

// An epoch whose secrets derive from `epochSecret`: the trees take encryption_secret and application_export_secret.
EpochState stateOf(GroupContext context, RatchetTree tree, TreeKeys keys, crypto::SigningKey signatureKey,
                   EpochSecrets secrets);

}  // namespace qpq::mls
