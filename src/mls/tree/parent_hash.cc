#include "mls/tree/parent_hash.h"

#include <algorithm>
#include <cassert>

namespace qpq::mls {

namespace {

// The parent_hash field of a node that is not blank; nothing if it is a leaf that no commit made.
std::optional<ByteView> parentHashField(const RatchetTree& tree, NodeIndex node) {
  ByteView encoded = *tree.encoded(node);
  return isLeaf(node) ? LeafView(encoded).parentHash() : ParentView(encoded).parentHash();
}

// The one node in the resolution of `child` that is not an unmerged leaf of `parent`: the only one that can have been
// set together with it. The unmerged leaves below `child` are all in that resolution, as every node between lists them.
std::optional<NodeIndex> setTogether(const RatchetTree& tree, const ParentNode& parent, NodeIndex child) {
  std::optional<NodeIndex> found;
  for (NodeIndex node : tree.resolution(child)) {
    if (isLeaf(node) && std::ranges::binary_search(parent.unmergedLeaves, toLeaf(node))) continue;
    if (found) return std::nullopt;
    found = node;
  }
  return found;
}

bool linked(const RatchetTree& tree, const ParentNode& parent, NodeIndex child, NodeIndex sibling) {
  auto node = setTogether(tree, parent, child);
  if (!node) return false;
  auto field = parentHashField(tree, *node);
  return field && equal(*field, parentHash(tree.suite(), parent.encryptionKey, parent.parentHash,
                                           tree.originalTreeHash(sibling, parent.unmergedLeaves)));
}

}  // namespace

Bytes parentHash(const crypto::Suite& suite, const HPKEPublicKey& encryptionKey, ByteView parentHashAbove,
                 ByteView originalSiblingTreeHash) {
  Writer out;
  out.opaque(encryptionKey);
  out.opaque(parentHashAbove);
  out.opaque(originalSiblingTreeHash);
  return crypto::hash(suite.hash, out.view());
}

PathParents parentsOfPath(const RatchetTree& tree, LeafIndex sender, std::vector<HPKEPublicKey> keys) {
  std::vector<PathStep> steps = tree.filteredDirectPath(sender);
  assert(steps.size() == keys.size());
  PathParents result;
  result.parents.resize(steps.size());
  // From the root down: each hash covers the next one above. The new parents have no unmerged leaves, so the tree hash
  // of the sibling is its original one.
  for (std::size_t i = steps.size(); i-- > 0;) {
    ParentNode& parent = result.parents[i];
    parent.encryptionKey = std::move(keys[i]);
    parent.parentHash = std::move(result.leafParentHash);
    result.leafParentHash =
        parentHash(tree.suite(), parent.encryptionKey, parent.parentHash, tree.treeHash(steps[i].copathChild));
  }
  return result;
}

Result<void> verifyParentHashes(const RatchetTree& tree) {
  std::optional<NodeIndex> broken;
  tree.forEachParent([&](NodeIndex at, ParentView view) {
    if (broken) return;
    ParentNode parent = view.decoded();
    NodeIndex onLeft = *left(at);
    NodeIndex onRight = *right(at);
    if (linked(tree, parent, onLeft, onRight) == linked(tree, parent, onRight, onLeft)) broken = at;
  });
  if (broken) return fail(ErrorCode::parentHashInvalid, broken->value);
  return {};
}

}  // namespace qpq::mls
