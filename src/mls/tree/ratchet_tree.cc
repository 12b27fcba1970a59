#include "mls/tree/ratchet_tree.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "mls/tree/key_set.h"
#include "mls/tree/tree_node.h"

namespace qpq::mls {

namespace {

// The subtree with `leaf` in its place and in each parent on the way what `contentOf` gives for it: an encoded
// ParentNode, or nothing for a blank one.
template <class ContentOf>
NodeRef replaced(crypto::HashId hash, const NodeRef& node, NodeIndex at, LeafIndex place, NodeRef leaf,
                 const ContentOf& contentOf) {
  if (isLeaf(at)) return leaf;
  // A blank subtree stands for its two blank halves: one of them stays, the other one changes as it would itself.
  auto half = [&](const NodeRef& child) { return child ? child : TreeNode::blank(hash); };
  NodeIndex next = childTowards(at, place);
  bool onLeft = next < at;
  const NodeRef& towards = onLeft ? node->left() : node->right();
  NodeRef changed = replaced(hash, towards ? towards : node, next, place, std::move(leaf), contentOf);
  Bytes content = contentOf(at, *node);
  return onLeft ? TreeNode::parent(hash, content, std::move(changed), half(node->right()))
                : TreeNode::parent(hash, content, half(node->left()), std::move(changed));
}

Bytes blank(NodeIndex, const TreeNode&) { return {}; }

// The leftmost blank leaf below a node that has one.
LeafIndex leftmostBlank(const TreeNode* node, NodeIndex at) {
  while (!isLeaf(at) && node->left()) {
    bool leftIsFull = node->left()->members() == leavesBelow(*left(at)).count;
    at = leftIsFull ? *right(at) : *left(at);
    node = leftIsFull ? node->right().get() : node->left().get();
  }
  return leavesBelow(at).first;
}

// Appends the nodes in which two subtrees at the same place differ; null stands for a subtree outside the tree.
void compare(const TreeNode* a, const TreeNode* b, NodeIndex at, std::vector<NodeIndex>& changed) {
  if (a == b) return;
  auto isBlankBelow = [](const TreeNode* node) { return !node || node->isBlankBelow(); };
  if (isBlankBelow(a) && isBlankBelow(b)) return;
  auto content = [](const TreeNode* node) { return node ? node->content() : ByteView(); };
  auto onLeft = [](const TreeNode* node) { return node ? node->left().get() : nullptr; };
  auto onRight = [](const TreeNode* node) { return node ? node->right().get() : nullptr; };
  if (!isLeaf(at)) compare(onLeft(a), onLeft(b), *left(at), changed);
  if (!equal(content(a), content(b))) changed.push_back(at);
  if (!isLeaf(at)) compare(onRight(a), onRight(b), *right(at), changed);
}

// Public keys to be looked for, and who wants to know of each that clashes.
struct Search {
  const KeySet& encryption;
  const KeySet& signature;
  const std::function<void(NodeIndex, KeyKind)>& found;

  void below(const TreeNode& node, NodeIndex at) const {
    if (node.left()) {
      __builtin_prefetch(node.right().get());  // what the search costs is waiting for the next node
      below(*node.left(), *left(at));
    }
    if (signature.mayHold(node.signatureMark()) || encryption.mayHold(node.encryptionMark())) look(node, at);
    if (node.right()) below(*node.right(), *right(at));
  }
  void look(const TreeNode& node, NodeIndex at) const {
    if (node.isBlank()) return;
    if (isLeaf(at) && signature.clashes(node.asLeaf().signatureKey(), at)) found(at, KeyKind::signature);
    if (encryption.clashes(node.encryptionKey(), at)) found(at, KeyKind::encryption);
  }
};

void resolve(const TreeNode& node, NodeIndex at, std::vector<NodeIndex>& result) {
  if (!node.isBlank()) {
    result.push_back(at);
    if (isLeaf(at)) return;
    for (LeafIndex leaf : node.asParent().unmergedLeaves()) result.push_back(toNode(leaf));
  } else if (node.left()) {
    resolve(*node.left(), *left(at), result);
    resolve(*node.right(), *right(at), result);
  }
}

}  // namespace

RatchetTree::RatchetTree(const crypto::Suite& suite, NodeRef top, uint32_t leafCount)
    : suite_(&suite), top_(std::move(top)), leafCount_(leafCount) {}

RatchetTree::RatchetTree(const crypto::Suite& suite, const LeafNode& creator)
    : RatchetTree(suite, TreeNode::leaf(suite.hash, creator), 1) {}

uint32_t RatchetTree::memberCount() const { return top_->members(); }

// The node at a place, or nullptr if it is outside the tree or inside a blank subtree.
TreeNode* RatchetTree::find(NodeIndex index) const {
  if (index.value >= nodeCount(leafCount_)) return nullptr;
  TreeNode* node = top_.get();
  for (NodeIndex at = root(); node && at != index;) {
    bool goLeft = index < at;
    node = goLeft ? node->left().get() : node->right().get();
    at = goLeft ? *left(at) : *right(at);
  }
  return node;
}

std::optional<ByteView> RatchetTree::encoded(NodeIndex index) const {
  const TreeNode* node = find(index);
  return node && !node->isBlank() ? std::optional(node->content()) : std::nullopt;
}

std::optional<LeafView> RatchetTree::leafView(LeafIndex index) const {
  if (index.value >= leafCount_) return std::nullopt;
  auto found = encoded(toNode(index));
  return found ? std::optional(LeafView(*found)) : std::nullopt;
}

std::optional<LeafNode> RatchetTree::leaf(LeafIndex index) const {
  auto found = leafView(index);
  return found ? std::optional(found->decoded()) : std::nullopt;
}

std::optional<ParentNode> RatchetTree::parent(NodeIndex index) const {
  auto found = isLeaf(index) ? std::nullopt : encoded(index);
  return found ? std::optional(ParentView(*found).decoded()) : std::nullopt;
}

std::optional<ByteView> RatchetTree::encryptionKey(NodeIndex index) const {
  const TreeNode* node = find(index);
  return node && !node->isBlank() ? std::optional(node->encryptionKey()) : std::nullopt;
}

std::vector<NodeIndex> RatchetTree::present() const {
  std::vector<NodeIndex> result;
  visitBelow(*top_, root(), [&](NodeIndex at, const TreeNode&) { result.push_back(at); });
  return result;
}

void RatchetTree::forEachLeaf(const std::function<void(LeafIndex, LeafView)>& visit) const {
  visitBelow(*top_, root(), [&](NodeIndex at, const TreeNode& node) {
    if (isLeaf(at)) visit(toLeaf(at), node.asLeaf());
  });
}

void RatchetTree::forEachParent(const std::function<void(NodeIndex, ParentView)>& visit) const {
  visitBelow(*top_, root(), [&](NodeIndex at, const TreeNode& node) {
    if (!isLeaf(at)) visit(at, node.asParent());
  });
}

void RatchetTree::findKeys(const KeySet& encryption, const KeySet& signature,
                           const std::function<void(NodeIndex, KeyKind)>& found) const {
  Search{encryption, signature, found}.below(*top_, root());
}

bool RatchetTree::credentialsFit() const { return top_->credentials().fits(); }

std::vector<NodeIndex> RatchetTree::changedSince(const RatchetTree& other) const {
  // The smaller tree is the left subtree of some height of the larger one; above it everything counts as changed.
  std::vector<NodeIndex> changed;
  const RatchetTree& larger = leafCount_ >= other.leafCount_ ? *this : other;
  const RatchetTree& smaller = &larger == this ? other : *this;
  std::vector<std::pair<const TreeNode*, NodeIndex>> spine;
  const TreeNode* node = larger.top_.get();
  NodeIndex at = larger.root();
  while (at != smaller.root()) {
    spine.emplace_back(node, at);
    node = node ? node->left().get() : nullptr;
    at = *left(at);
  }
  compare(node, smaller.top_.get(), at, changed);
  while (!spine.empty()) {
    auto [above, place] = spine.back();
    spine.pop_back();
    if (!above) continue;
    if (!above->isBlank()) changed.push_back(place);
    compare(above->right().get(), nullptr, *right(place), changed);
  }
  return changed;
}

ByteView RatchetTree::treeHash() const { return mls::treeHash(*top_, root(), suite_->hash); }

Bytes RatchetTree::treeHash(NodeIndex index) const { return originalTreeHash(index, {}); }

Bytes RatchetTree::originalTreeHash(NodeIndex index, std::span<const LeafIndex> without) const {
  assert(index.value < nodeCount(leafCount_));
  TreeNode* node = find(index);
  // A place inside a blank subtree has no node of its own to cache in.
  if (!node) return toBytes(mls::treeHash(*TreeNode::blank(suite_->hash), index, suite_->hash));
  return toBytes(treeHashWithout(*node, index, suite_->hash, without).view());
}

std::vector<NodeIndex> RatchetTree::resolution(NodeIndex index) const {
  std::vector<NodeIndex> result;
  if (const TreeNode* node = find(index)) resolve(*node, index, result);
  return result;
}

std::vector<PathStep> RatchetTree::filteredDirectPath(LeafIndex leaf) const {
  std::vector<PathStep> steps;
  const TreeNode* node = top_.get();
  for (NodeIndex at = root(); !isLeaf(at) && node;) {
    NodeIndex next = childTowards(at, leaf);
    const TreeNode* onPath = next < at ? node->left().get() : node->right().get();
    const TreeNode* beside = next < at ? node->right().get() : node->left().get();
    if (beside && !beside->isBlankBelow()) steps.push_back({at, *sibling(next, leafCount_)});
    at = next;
    node = onPath;
  }
  std::ranges::reverse(steps);
  return steps;
}

Result<LeafIndex> RatchetTree::add(const LeafNode& leaf) {
  const crypto::HashId hash = suite_->hash;
  NodeRef top = top_;
  uint32_t leafCount = leafCount_;
  if (top->members() == leafCount) {
    if (leafCount == kTreeLeavesMax) return fail(ErrorCode::treeTooLarge);
    top = TreeNode::parent(hash, {}, std::move(top), TreeNode::blank(hash));
    leafCount *= 2;
  }
  LeafIndex place = leftmostBlank(top.get(), mls::root(leafCount));
  auto unmerge = [&](NodeIndex, const TreeNode& node) {
    if (node.isBlank()) return Bytes();
    ParentNode changed = node.asParent().decoded();
    changed.unmergedLeaves.insert(std::ranges::lower_bound(changed.unmergedLeaves, place), place);
    return encode(changed);
  };
  top_ = replaced(hash, top, mls::root(leafCount), place, TreeNode::leaf(hash, leaf), unmerge);
  leafCount_ = leafCount;
  return place;
}

Result<void> RatchetTree::update(LeafIndex index, const LeafNode& leaf) {
  if (!leafView(index)) return fail(ErrorCode::blankLeaf, index.value);
  top_ = replaced(suite_->hash, top_, root(), index, TreeNode::leaf(suite_->hash, leaf), blank);
  return {};
}

Result<void> RatchetTree::remove(LeafIndex index) {
  if (!leafView(index)) return fail(ErrorCode::blankLeaf, index.value);
  if (top_->members() == 1) return fail(ErrorCode::treeEmpty);
  top_ = replaced(suite_->hash, top_, root(), index, TreeNode::blank(suite_->hash), blank);
  while (leafCount_ > 1 && top_->right()->members() == 0) {
    top_ = top_->left();
    leafCount_ /= 2;
  }
  return {};
}

void RatchetTree::setPath(LeafIndex sender, const LeafNode& leaf, std::span<const ParentNode> parents) {
  std::vector<PathStep> steps = filteredDirectPath(sender);
  assert(steps.size() == parents.size() && leafView(sender));
  auto place = [&](NodeIndex at, const TreeNode&) {
    auto step = std::ranges::find(steps, at, &PathStep::node);
    return step == steps.end() ? Bytes() : encode(parents[static_cast<std::size_t>(step - steps.begin())]);
  };
  top_ = replaced(suite_->hash, top_, root(), sender, TreeNode::leaf(suite_->hash, leaf), place);
}

}  // namespace qpq::mls
