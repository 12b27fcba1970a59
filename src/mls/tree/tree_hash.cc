#include <algorithm>

#include "mls/tree/tree_node.h"

namespace qpq::mls {

namespace {

// RFC 9420 §7.8 TreeHashInput, LeafNodeHashInput. An empty leaf is a blank one.
TreeHash hashLeaf(crypto::HashId hash, NodeIndex at, ByteView leaf) {
  Writer before;
  write(before, NodeType::leaf);
  write(before, toLeaf(at));
  before.u8(leaf.empty() ? 0 : 1);
  TreeHash result(hash);
  crypto::hashInto(hash, {before.view(), leaf}, result.writable());
  return result;
}

// RFC 9420 §7.8 TreeHashInput, ParentNodeHashInput. An empty parent is a blank one.
TreeHash hashParent(crypto::HashId hash, ByteView parent, ByteView leftHash, ByteView rightHash) {
  const ByteArray<2> before{static_cast<uint8_t>(NodeType::parent), static_cast<uint8_t>(parent.empty() ? 0 : 1)};
  Writer behind;
  behind.reserve(leftHash.size() + rightHash.size() + 2 * sizeof(uint32_t));
  behind.opaque(leftHash);
  behind.opaque(rightHash);
  TreeHash result(hash);
  crypto::hashInto(hash, {before, parent, behind.view()}, result.writable());
  return result;
}

// A subtree without any node. Not cached below its top: one leaf added there splits it and costs its size once.
TreeHash hashBlank(crypto::HashId hash, NodeIndex at) {
  if (isLeaf(at)) return hashLeaf(hash, at, {});
  return hashParent(hash, {}, hashBlank(hash, *left(at)).view(), hashBlank(hash, *right(at)).view());
}

// Of an ascending list, the leaves below `at`.
std::span<const LeafIndex> below(std::span<const LeafIndex> leaves, NodeIndex at) {
  LeafRange range = leavesBelow(at);
  auto first = std::ranges::lower_bound(leaves, range.first);
  auto last = std::ranges::lower_bound(leaves, LeafIndex{range.first.value + range.count});
  return {first, last};
}

TreeHash hashOf(TreeNode& node, NodeIndex at, crypto::HashId hash) {
  if (isLeaf(at)) return hashLeaf(hash, at, node.content());
  if (!node.left()) return hashBlank(hash, at);
  return hashParent(hash, node.content(), treeHash(*node.left(), *left(at), hash),
                    treeHash(*node.right(), *right(at), hash));
}

// RFC 9420 §7.9: the parent as it was before the leaves `without` were unmerged in it.
Bytes parentWithout(const TreeNode& node, std::span<const LeafIndex> without) {
  if (node.isBlank()) return {};
  ParentNode original = node.asParent().decoded();
  std::erase_if(original.unmergedLeaves, [&](LeafIndex leaf) { return std::ranges::binary_search(without, leaf); });
  return encode(original);
}

TreeHash copied(ByteView view, crypto::HashId hash) {
  TreeHash result(hash);
  std::ranges::copy(view, result.writable().begin());
  return result;
}

}  // namespace

ByteView treeHash(TreeNode& node, NodeIndex at, crypto::HashId hash) {
  if (node.hash().empty()) node.keepHash(hashOf(node, at, hash).view());
  return node.hash();
}

TreeHash treeHashWithout(TreeNode& node, NodeIndex at, crypto::HashId hash, std::span<const LeafIndex> without) {
  without = below(without, at);
  if (without.empty() || node.isBlankBelow()) return copied(treeHash(node, at, hash), hash);
  if (isLeaf(at)) return hashLeaf(hash, at, {});
  return hashParent(hash, parentWithout(node, without), treeHashWithout(*node.left(), *left(at), hash, without).view(),
                    treeHashWithout(*node.right(), *right(at), hash, without).view());
}

}  // namespace qpq::mls
