#pragma once

#include <span>

#include "mls/message/commit.h"
#include "mls/tree/ratchet_tree.h"

namespace qpq::mls {

// The public half of processing an update path (RFC 9420 §7.5, §12.4.2), for members and observers alike. `tree` is the
// one after the commit's proposals; `newLeaves` (ascending) are those they added. The result is the tree of the next
// epoch; `tree` stays as it is. The new leaf is bound to its place by parent hash and signature here; hold it against
// the group with validateChangedLeaves().
//
// blankLeaf, leafSource, leafKeyUnchanged, pathLength, pathCiphertexts (node index), leafKeyLength (node index),
// pathKeyReused (node index, where the key stands), pathParentHash, leafSignature.
Result<RatchetTree> mergePath(const RatchetTree& tree, ByteView groupId, LeafIndex sender, const UpdatePath& path,
                              std::span<const LeafIndex> newLeaves);

// RFC 9420 §12.4.2, §12.4.3.2: the path of somebody who enters by it, at the leftmost blank leaf. `joined` is the tree
// with the leaf and without the path. The codes above, and treeTooLarge.
struct MergedJoiner {
  RatchetTree joined;
  RatchetTree tree;
  LeafIndex leaf;
};
Result<MergedJoiner> mergeJoinerPath(const RatchetTree& tree, ByteView groupId, const UpdatePath& path);

// RFC 9420 §7.5: the nodes of a copath child's resolution to which a path secret is encrypted.
std::vector<NodeIndex> pathRecipients(const RatchetTree& tree, NodeIndex copathChild,
                                      std::span<const LeafIndex> newLeaves);

}  // namespace qpq::mls
