#pragma once

#include <bit>
#include <cstdint>
#include <optional>
#include <vector>

#include "mls/message/types.h"

// RFC 9420 appendix C: the tree as an array. A tree has 2^d leaves, blank ones included; `leafCount` is always that
// number. Leaves stand at even places, a parent between its two subtrees, so all of this is arithmetic on bits:
// parent = 01x, left = 00x, right = 10x.
namespace qpq::mls {

constexpr NodeIndex toNode(LeafIndex leaf) { return {2 * leaf.value}; }
constexpr bool isLeaf(NodeIndex node) { return (node.value & 1) == 0; }
// Of a node that is a leaf.
constexpr LeafIndex toLeaf(NodeIndex node) { return {node.value / 2}; }

// 0 for a leaf, and the depth of the subtree for a parent.
constexpr uint32_t level(NodeIndex node) { return static_cast<uint32_t>(std::countr_one(node.value)); }

constexpr uint32_t nodeCount(uint32_t leafCount) { return 2 * leafCount - 1; }
constexpr NodeIndex root(uint32_t leafCount) { return {leafCount - 1}; }
// The leaf count of the smallest tree that has a node at this place.
constexpr uint32_t leafCountFor(NodeIndex node) { return std::bit_ceil(node.value / 2 + 1); }

// Nothing for a leaf.
constexpr std::optional<NodeIndex> left(NodeIndex node) {
  if (isLeaf(node)) return std::nullopt;
  return NodeIndex{node.value ^ (1U << (level(node) - 1))};
}
constexpr std::optional<NodeIndex> right(NodeIndex node) {
  if (isLeaf(node)) return std::nullopt;
  return NodeIndex{node.value ^ (3U << (level(node) - 1))};
}

// Nothing for the root.
constexpr std::optional<NodeIndex> parent(NodeIndex node, uint32_t leafCount) {
  if (node == root(leafCount)) return std::nullopt;
  uint32_t bit = 1U << level(node);
  return NodeIndex{(node.value | bit) & ~(bit << 1)};
}
constexpr std::optional<NodeIndex> sibling(NodeIndex node, uint32_t leafCount) {
  auto above = parent(node, leafCount);
  if (!above) return std::nullopt;
  return node < *above ? right(*above) : left(*above);
}

// The leaves below a node (itself, if it is one): `count` of them from `first`.
struct LeafRange {
  LeafIndex first;
  uint32_t count = 1;
  bool operator==(const LeafRange&) const = default;
  constexpr bool contains(LeafIndex leaf) const { return leaf.value - first.value < count; }
};
constexpr LeafRange leavesBelow(NodeIndex node) {
  uint32_t depth = level(node);
  return {{(node.value >> (depth + 1)) << depth}, 1U << depth};
}

// The child of `node`, a parent above `leaf`, on the way down to that leaf.
constexpr NodeIndex childTowards(NodeIndex node, LeafIndex leaf) {
  return toNode(leaf) < node ? *left(node) : *right(node);
}

// The lowest node above both, or the leaf itself if they are the same.
constexpr NodeIndex commonAncestor(LeafIndex a, LeafIndex b) {
  if (a == b) return toNode(a);
  auto depth = static_cast<uint32_t>(std::bit_width(a.value ^ b.value));
  return {((a.value >> depth) << (depth + 1)) + (1U << depth) - 1};
}

// From the leaf's parent to the root.
std::vector<NodeIndex> directPath(LeafIndex leaf, uint32_t leafCount);
// The other child of each node of the direct path, in the same order.
std::vector<NodeIndex> copath(LeafIndex leaf, uint32_t leafCount);

}  // namespace qpq::mls
