#include <algorithm>

#include "mls/tree/ratchet_tree.h"
#include "mls/tree/tree_node.h"

// A tree as the array of RFC 9420 appendix C: what the extension ratchet_tree carries.
namespace qpq::mls {

namespace {

// RFC 9420 §12.4.3.3: where leaves and parents stand, and how the list ends.
Result<void> checkPlaces(const RatchetTreeNodes& nodes) {
  if (nodes.empty()) return fail(ErrorCode::treeEmpty);
  auto last = static_cast<uint32_t>(nodes.size() - 1);
  if (!nodes.back()) return fail(ErrorCode::trailingBlank, last);
  for (uint32_t i = 0; i <= last; ++i) {
    NodeType expected = isLeaf({i}) ? NodeType::leaf : NodeType::parent;
    if (nodes[i] && nodes[i]->type() != expected) return fail(ErrorCode::misplacedNode, i);
  }
  // A parent at the end has nothing on its right: no member can have put it there.
  if (!isLeaf({last})) return fail(ErrorCode::misplacedNode, last);
  return {};
}

const Node* nodeAt(const RatchetTreeNodes& nodes, NodeIndex at) {
  return at.value < nodes.size() && nodes[at.value] ? &*nodes[at.value] : nullptr;
}

const ParentNode* parentAt(const RatchetTreeNodes& nodes, NodeIndex at) {
  const Node* node = nodeAt(nodes, at);
  return node ? node->as<ParentNode>() : nullptr;
}

// RFC 9420 §7.1, §12.4.3.1: sorted, each a leaf below that is not blank, and listed by the next parent on the way to
// it, for which the same is checked.
Result<void> checkUnmerged(const RatchetTreeNodes& nodes, NodeIndex at, const ParentNode& parent) {
  const LeafIndex* previous = nullptr;
  for (const LeafIndex& leaf : parent.unmergedLeaves) {
    if (previous && !(*previous < leaf)) return fail(ErrorCode::unmergedNotSorted, at.value);
    previous = &leaf;
    if (!leavesBelow(at).contains(leaf)) return fail(ErrorCode::unmergedNotBelow, at.value);
    if (!nodeAt(nodes, toNode(leaf))) return fail(ErrorCode::unmergedBlank, at.value);
    NodeIndex between = childTowards(at, leaf);
    while (!isLeaf(between) && !parentAt(nodes, between)) between = childTowards(between, leaf);
    if (isLeaf(between)) continue;
    if (!std::ranges::binary_search(parentAt(nodes, between)->unmergedLeaves, leaf)) {
      return fail(ErrorCode::unmergedNotInherited, between.value);
    }
  }
  return {};
}

// The subtree at `at` out of the array, whose missing end is blank.
NodeRef build(const RatchetTreeNodes& nodes, NodeIndex at, crypto::HashId hash) {
  const Node* node = nodeAt(nodes, at);
  if (isLeaf(at)) return node ? TreeNode::leaf(hash, *node->as<LeafNode>()) : TreeNode::blank(hash);
  if (toNode(leavesBelow(at).first).value >= nodes.size()) return TreeNode::blank(hash);
  return TreeNode::parent(hash, node ? encode(*node->as<ParentNode>()) : Bytes(), build(nodes, *left(at), hash),
                          build(nodes, *right(at), hash));
}

// In front of the node's own encoding: std::optional<Node>, and which kind it is.
constexpr std::size_t kNodeHeader = 2;

}  // namespace

Result<RatchetTree> RatchetTree::fromNodes(const crypto::Suite& suite, const RatchetTreeNodes& nodes) {
  TRY(checkPlaces(nodes));
  for (uint32_t i = 1; i < nodes.size(); i += 2) {
    if (const ParentNode* parent = parentAt(nodes, {i})) TRY(checkUnmerged(nodes, {i}, *parent));
  }
  uint32_t leafCount = leafCountFor({static_cast<uint32_t>(nodes.size() - 1)});
  if (leafCount > kTreeLeavesMax) return fail(ErrorCode::treeTooLarge);
  return RatchetTree(suite, build(nodes, mls::root(leafCount), suite.hash), leafCount);
}

RatchetTreeNodes RatchetTree::nodes() const {
  RatchetTreeNodes result;
  for (NodeIndex at : present()) {
    result.resize(at.value + 1);
    result.back() = isLeaf(at) ? Node{*leaf(toLeaf(at))} : Node{*parent(at)};
  }
  return result;
}

std::size_t RatchetTree::nodesSize() const {
  std::size_t size = 0;
  uint32_t next = 0;
  visitBelow(*top_, root(), [&](NodeIndex at, const TreeNode& node) {
    size += at.value - next + kNodeHeader + node.content().size();
    next = at.value + 1;
  });
  return size;
}

void RatchetTree::writeNodes(Writer& out) const {
  uint32_t next = 0;
  visitBelow(*top_, root(), [&](NodeIndex at, const TreeNode& node) {
    for (; next < at.value; ++next) out.u8(0);  // std::optional<Node>: blank
    ++next;
    out.u8(1);
    write(out, isLeaf(at) ? NodeType::leaf : NodeType::parent);
    out.bytes(node.content());
  });
}

Bytes RatchetTree::encodedNodes() const {
  constexpr std::size_t kLengthHeaderMax = 4;
  Writer out;
  const std::size_t size = nodesSize();
  out.reserve(kLengthHeaderMax + size);
  out.length(size);
  writeNodes(out);
  return std::move(out).take();
}

}  // namespace qpq::mls
