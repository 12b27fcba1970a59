#include <algorithm>
#include <cassert>

#include "mls/tree/tree_node.h"

namespace qpq::mls {

namespace {

// RFC 9420 §7.8 TreeHashInput, LeafNodeHashInput.
TreeHash hashLeaf(crypto::HashId hash, NodeIndex at, const LeafNode* leaf) {
  Writer out;
  write(out, NodeType::leaf);
  write(out, toLeaf(at));
  out.u8(leaf ? 1 : 0);
  if (leaf) write(out, *leaf);
  TreeHash result;
  crypto::hashInto(hash, {out.view()}, result.writable(crypto::hashSize(hash)));
  return result;
}

// RFC 9420 §7.8 TreeHashInput, ParentNodeHashInput.
TreeHash hashParent(crypto::HashId hash, const ParentNode* parent, ByteView leftHash, ByteView rightHash) {
  Writer out;
  write(out, NodeType::parent);
  out.u8(parent ? 1 : 0);
  if (parent) write(out, *parent);
  out.opaque(leftHash);
  out.opaque(rightHash);
  TreeHash result;
  crypto::hashInto(hash, {out.view()}, result.writable(crypto::hashSize(hash)));
  return result;
}

// A subtree without any node. Not cached below its top: one leaf added there splits it and costs its size once.
TreeHash hashBlank(crypto::HashId hash, NodeIndex at) {
  if (isLeaf(at)) return hashLeaf(hash, at, nullptr);
  return hashParent(hash, nullptr, hashBlank(hash, *left(at)).view(), hashBlank(hash, *right(at)).view());
}

// Of an ascending list, the leaves below `at`.
std::span<const LeafIndex> below(std::span<const LeafIndex> leaves, NodeIndex at) {
  LeafRange range = leavesBelow(at);
  auto first = std::ranges::lower_bound(leaves, range.first);
  auto last = std::ranges::lower_bound(leaves, LeafIndex{range.first.value + range.count});
  return {first, last};
}

}  // namespace

const TreeHash& treeHash(const TreeNode& node, NodeIndex at, crypto::HashId hash) {
  if (!node.hash.empty()) return node.hash;
  if (isLeaf(at)) {
    node.hash = hashLeaf(hash, at, node.leaf.get());
  } else if (!node.left) {
    node.hash = hashBlank(hash, at);
  } else {
    node.hash = hashParent(hash, node.parent.get(), treeHash(*node.left, *left(at), hash).view(),
                           treeHash(*node.right, *right(at), hash).view());
  }
  return node.hash;
}

TreeHash treeHashWithout(const TreeNode& node, NodeIndex at, crypto::HashId hash, std::span<const LeafIndex> without) {
  without = below(without, at);
  if (without.empty() || node.isBlankBelow()) return treeHash(node, at, hash);
  if (isLeaf(at)) return hashLeaf(hash, at, nullptr);
  std::optional<ParentNode> original;
  if (node.parent) {
    original = *node.parent;
    std::erase_if(original->unmergedLeaves, [&](LeafIndex leaf) { return std::ranges::binary_search(without, leaf); });
  }
  return hashParent(hash, original ? &*original : nullptr, treeHashWithout(*node.left, *left(at), hash, without).view(),
                    treeHashWithout(*node.right, *right(at), hash, without).view());
}

}  // namespace qpq::mls
