#pragma once

#include <span>

#include "mls/executor.h"
#include "mls/message/group_info.h"
#include "mls/tree/ratchet_tree.h"

// RFC 9420 §7.3, §12.2, §12.4.3.1: whether a tree may be the tree of a group. Nothing here looks at a clock: whether a
// tree is valid is decided by its bytes and the GroupContext, so that all members decide alike. The error names the
// first leaf (leaf index) or parent (node index) that breaks a rule.
namespace qpq::mls {

// For whoever joins: everything, signatures and parent hashes included. Beyond the rules for one leaf
// (leaf_validation.h): wrongSuite, treeHashMismatch, duplicateSignatureKey (leaf index), duplicateEncryptionKey (node
// index), credentialUnsupported, parentHashInvalid, leafKeyLength (node index, for parents).
Result<void> validateTree(const RatchetTree& tree, const GroupContext& context, Executor* executor = nullptr);

// For members after the proposals of a commit and its path have been applied: the leaves that changed, against the
// group and all other nodes. `context` is the new one; the rest of the tree was valid before. `unproven` are those of
// them whose signature nobody has verified yet: a signature is the dearest of all tests, so each is verified once.
Result<void> validateChangedLeaves(const RatchetTree& tree, const GroupContext& context,
                                   std::span<const LeafIndex> changed, std::span<const LeafIndex> unproven,
                                   Executor* executor = nullptr);
inline Result<void> validateChangedLeaves(const RatchetTree& tree, const GroupContext& context,
                                          std::span<const LeafIndex> changed) {
  return validateChangedLeaves(tree, context, changed, changed);
}

// RFC 9420 §12.1.7: every member meets the requirements of a GroupContext whose extensions have changed.
Result<void> validateRequirements(const RatchetTree& tree, const GroupContext& context);

}  // namespace qpq::mls
