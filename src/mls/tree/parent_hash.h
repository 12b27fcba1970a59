#pragma once

#include <vector>

#include "mls/tree/ratchet_tree.h"

namespace qpq::mls {

// RFC 9420 §7.9 ParentHashInput: the hash of a parent, given the one of the next parent above it (empty: none) and the
// original tree hash of the child beside the path.
Bytes parentHash(const crypto::Suite& suite, const HPKEPublicKey& encryptionKey, ByteView parentHashAbove,
                 ByteView originalSiblingTreeHash);

// What a new path writes into the tree: its parents from leaf to root, and the parent_hash for the leaf.
struct PathParents {
  std::vector<ParentNode> parents;
  Bytes leafParentHash;
};
// RFC 9420 §7.5 steps 2 and 3: one key per node of the sender's filtered direct path, from leaf to root.
PathParents parentsOfPath(const RatchetTree& tree, LeafIndex sender, std::vector<HPKEPublicKey> keys);

// RFC 9420 §7.9.2: every parent that is not blank was put there by the owner of a leaf below it, together with exactly
// one node on the way to that leaf. parentHashInvalid with the index of the first node for which this does not hold.
Result<void> verifyParentHashes(const RatchetTree& tree);

}  // namespace qpq::mls
