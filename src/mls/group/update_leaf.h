#pragma once

#include "base/random.h"
#include "mls/group/create_commit.h"
#include "mls/group/proposal_store.h"

namespace qpq::mls {

// RFC 9420 §12.1.2: the own leaf with a fresh key, as an Update proposal brings it.
struct NewLeaf {
  LeafNode leaf;
  UpdateKeys keys;
};
// The codes of checkLeafNode() and GroupRequirements::check() if the changes do not fit the group.
Result<NewLeaf> makeUpdateLeaf(const EpochState& epoch, const LeafChanges& changes, Random& random);

// What the own leaf says after the changes: keys, source and signature are for the caller to make.
LeafNode changedLeaf(const LeafNode& before, const LeafChanges& changes);
// cryptoFailure if the changes bring a private key that is none.
Result<crypto::SigningKey> changedSignatureKey(const EpochState& epoch, const LeafChanges& changes);

}  // namespace qpq::mls
