#include "mls/tree/ratchet_tree.h"

#include <algorithm>
#include <cassert>
#include <utility>

#include "mls/tree/tree_node.h"

namespace qpq::mls {

namespace {

using Child = std::shared_ptr<TreeNode>;

// The node for writing: copied first if another tree holds it, too.
TreeNode& own(Child& node) {
  if (node.use_count() != 1) node = std::make_shared<TreeNode>(*node);
  node->hash.forget();
  return *node;
}

// Gives a blank subtree its two blank halves, so that something can be put into one of them.
void split(TreeNode& node) {
  if (node.left) return;
  node.left = std::make_shared<TreeNode>();
  node.right = std::make_shared<TreeNode>();
}

// Puts `leaf` (null: blank) into its place below `node` and lets `onParent` change every parent on the way.
template <class OnParent>
void replaceLeaf(Child& node, NodeIndex at, LeafIndex place, std::shared_ptr<const LeafNode> leaf,
                 const OnParent& onParent) {
  TreeNode& mine = own(node);
  if (isLeaf(at)) {
    mine.put(std::move(leaf));
    return;
  }
  onParent(at, mine);
  split(mine);
  NodeIndex next = childTowards(at, place);
  replaceLeaf(next < at ? mine.left : mine.right, next, place, std::move(leaf), onParent);
  mine.settle();
}

void blank(NodeIndex, TreeNode& node) { node.put(std::shared_ptr<const ParentNode>()); }

// The leftmost blank leaf below a node that has one.
LeafIndex leftmostBlank(const TreeNode* node, NodeIndex at) {
  while (!isLeaf(at) && node->left) {
    bool leftIsFull = node->left->members == leavesBelow(*left(at)).count;
    at = leftIsFull ? *right(at) : *left(at);
    node = leftIsFull ? node->right.get() : node->left.get();
  }
  return leavesBelow(at).first;
}

using Nodes = std::span<std::optional<Node>>;

// The subtree at `at` out of the array, whose missing end is blank.
Child build(Nodes nodes, NodeIndex at) {
  auto result = std::make_shared<TreeNode>();
  std::optional<Node>* content = at.value < nodes.size() ? &nodes[at.value] : nullptr;
  if (isLeaf(at)) {
    if (content && *content) {
      result->put(std::make_shared<const LeafNode>(std::get<LeafNode>(std::move((*content)->body))));
    }
    return result;
  }
  if (toNode(leavesBelow(at).first).value >= nodes.size()) return result;
  if (content && *content) {
    result->put(std::make_shared<const ParentNode>(std::get<ParentNode>(std::move((*content)->body))));
  }
  result->left = build(nodes, *left(at));
  result->right = build(nodes, *right(at));
  result->settle();
  return result;
}

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

const ParentNode* parentAt(const RatchetTreeNodes& nodes, NodeIndex at) {
  return at.value < nodes.size() && nodes[at.value] ? nodes[at.value]->as<ParentNode>() : nullptr;
}

// RFC 9420 §7.1, §12.4.3.1: sorted, each a leaf below that is not blank, and listed by the next parent on the way to
// it, for which the same is checked.
Result<void> checkUnmerged(const RatchetTreeNodes& nodes, NodeIndex at, const ParentNode& parent) {
  const LeafIndex* previous = nullptr;
  for (const LeafIndex& leaf : parent.unmergedLeaves) {
    if (previous && !(*previous < leaf)) return fail(ErrorCode::unmergedNotSorted, at.value);
    previous = &leaf;
    if (!leavesBelow(at).contains(leaf)) return fail(ErrorCode::unmergedNotBelow, at.value);
    if (toNode(leaf).value >= nodes.size() || !nodes[toNode(leaf).value]) {
      return fail(ErrorCode::unmergedBlank, at.value);
    }
    NodeIndex between = childTowards(at, leaf);
    while (!isLeaf(between) && !parentAt(nodes, between)) between = childTowards(between, leaf);
    if (isLeaf(between)) continue;
    if (!std::ranges::binary_search(parentAt(nodes, between)->unmergedLeaves, leaf)) {
      return fail(ErrorCode::unmergedNotInherited, between.value);
    }
  }
  return {};
}

void visitBelow(const TreeNode& node, NodeIndex at,
                const std::function<void(NodeIndex, const LeafNode*, const ParentNode*)>& visit) {
  if (node.leaf) visit(at, node.leaf.get(), nullptr);
  if (node.left) visitBelow(*node.left, *left(at), visit);
  if (node.parent) visit(at, nullptr, node.parent.get());
  if (node.right) visitBelow(*node.right, *right(at), visit);
}

template <class T>
bool sameContent(const std::shared_ptr<const T>& a, const std::shared_ptr<const T>& b) {
  return a == b || (a && b && *a == *b);
}

// Appends the nodes in which two subtrees at the same place differ; null stands for a subtree outside the tree.
void compare(const TreeNode* a, const TreeNode* b, NodeIndex at, std::vector<NodeIndex>& changed) {
  static const TreeNode kBlank;
  if (a == b) return;
  if (!a) a = &kBlank;
  if (!b) b = &kBlank;
  if (a->isBlankBelow() && b->isBlankBelow()) return;
  if (!isLeaf(at)) compare(a->left.get(), b->left.get(), *left(at), changed);
  if (!sameContent(a->leaf, b->leaf) || !sameContent(a->parent, b->parent)) changed.push_back(at);
  if (!isLeaf(at)) compare(a->right.get(), b->right.get(), *right(at), changed);
}

void findKeysBelow(const TreeNode& node, NodeIndex at, const KeySet& encryption, const KeySet& signature,
                   const std::function<void(NodeIndex, KeyKind)>& found) {
  if (node.left) {
    __builtin_prefetch(node.right.get());  // what the search costs is waiting for the next node
    findKeysBelow(*node.left, *left(at), encryption, signature, found);
  }
  if (signature.mayHold(node.signaturePrefix) && node.leaf && signature.clashes(node.leaf->signatureKey, at)) {
    found(at, KeyKind::signature);
  }
  if (encryption.mayHold(node.encryptionPrefix) && (node.leaf || node.parent)) {
    const HPKEPublicKey& key = node.leaf ? node.leaf->encryptionKey : node.parent->encryptionKey;
    if (encryption.clashes(key, at)) found(at, KeyKind::encryption);
  }
  if (node.right) findKeysBelow(*node.right, *right(at), encryption, signature, found);
}

void resolve(const TreeNode& node, NodeIndex at, std::vector<NodeIndex>& result) {
  if (node.leaf || node.parent) result.push_back(at);
  if (node.parent) {
    for (LeafIndex leaf : node.parent->unmergedLeaves) result.push_back(toNode(leaf));
  } else if (node.left) {
    resolve(*node.left, *left(at), result);
    resolve(*node.right, *right(at), result);
  }
}

// About what a member adds to the encoded tree: a leaf and a parent.
std::size_t encodedSizePerMember(const crypto::Suite& suite) {
  constexpr std::size_t kBesideEncryptionKeys = 224;
  return 2 * crypto::kemPublicKeySize(suite.kem) + kBesideEncryptionKeys;
}

}  // namespace

RatchetTree::RatchetTree(const crypto::Suite& suite, std::shared_ptr<TreeNode> top, uint32_t leafCount)
    : suite_(&suite), top_(std::move(top)), leafCount_(leafCount) {}

RatchetTree::RatchetTree(const crypto::Suite& suite, LeafNode creator)
    : RatchetTree(suite, std::make_shared<TreeNode>(), 1) {
  top_->put(std::make_shared<const LeafNode>(std::move(creator)));
}

Result<RatchetTree> RatchetTree::fromNodes(const crypto::Suite& suite, RatchetTreeNodes nodes) {
  TRY(checkPlaces(nodes));
  for (uint32_t i = 1; i < nodes.size(); i += 2) {
    if (const ParentNode* parent = parentAt(nodes, {i})) TRY(checkUnmerged(nodes, {i}, *parent));
  }
  uint32_t leafCount = leafCountFor({static_cast<uint32_t>(nodes.size() - 1)});
  if (leafCount > kTreeLeavesMax) return fail(ErrorCode::treeTooLarge);
  return RatchetTree(suite, build(nodes, mls::root(leafCount)), leafCount);
}

RatchetTreeNodes RatchetTree::nodes() const {
  RatchetTreeNodes result;
  forEach([&](NodeIndex at, const LeafNode* leaf, const ParentNode* parent) {
    result.resize(at.value + 1);
    result.back() = leaf ? Node{*leaf} : Node{*parent};
  });
  return result;
}

Bytes RatchetTree::encodedNodes() const {
  Writer out;
  out.reserve(memberCount() * encodedSizePerMember(*suite_));
  out.vector([&](Writer& inner) {
    uint32_t next = 0;
    forEach([&](NodeIndex at, const LeafNode* leaf, const ParentNode* parent) {
      for (; next < at.value; ++next) inner.u8(0);  // std::optional<Node>: blank
      ++next;
      inner.u8(1);
      write(inner, leaf ? NodeType::leaf : NodeType::parent);
      if (leaf) write(inner, *leaf);
      if (parent) write(inner, *parent);
    });
  });
  return std::move(out).take();
}

uint32_t RatchetTree::memberCount() const { return top_->members; }

// The node at a place, or nullptr if it is outside the tree or inside a blank subtree.
const TreeNode* RatchetTree::find(NodeIndex index) const {
  if (index.value >= nodeCount(leafCount_)) return nullptr;
  const TreeNode* node = top_.get();
  for (NodeIndex at = root(); node && at != index;) {
    bool goLeft = index < at;
    node = goLeft ? node->left.get() : node->right.get();
    at = goLeft ? *left(at) : *right(at);
  }
  return node;
}

const LeafNode* RatchetTree::leaf(LeafIndex index) const {
  if (index.value >= leafCount_) return nullptr;
  const TreeNode* node = find(toNode(index));
  return node ? node->leaf.get() : nullptr;
}

const ParentNode* RatchetTree::parent(NodeIndex index) const {
  const TreeNode* node = find(index);
  return node ? node->parent.get() : nullptr;
}

const HPKEPublicKey* RatchetTree::encryptionKey(NodeIndex index) const {
  const TreeNode* node = find(index);
  if (node && node->leaf) return &node->leaf->encryptionKey;
  if (node && node->parent) return &node->parent->encryptionKey;
  return nullptr;
}

void RatchetTree::forEach(const std::function<void(NodeIndex, const LeafNode*, const ParentNode*)>& visit) const {
  visitBelow(*top_, root(), visit);
}

void RatchetTree::findKeys(const KeySet& encryption, const KeySet& signature,
                           const std::function<void(NodeIndex, KeyKind)>& found) const {
  findKeysBelow(*top_, root(), encryption, signature, found);
}

bool RatchetTree::credentialsFit() const { return top_->credentials.fits(); }

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
    node = node ? node->left.get() : nullptr;
    at = *left(at);
  }
  compare(node, smaller.top_.get(), at, changed);
  while (!spine.empty()) {
    auto [above, place] = spine.back();
    spine.pop_back();
    if (!above) continue;
    if (above->parent) changed.push_back(place);
    compare(above->right.get(), nullptr, *right(place), changed);
  }
  return changed;
}

ByteView RatchetTree::treeHash() const { return mls::treeHash(*top_, root(), suite_->hash).view(); }

Bytes RatchetTree::treeHash(NodeIndex index) const { return originalTreeHash(index, {}); }

Bytes RatchetTree::originalTreeHash(NodeIndex index, std::span<const LeafIndex> without) const {
  assert(index.value < nodeCount(leafCount_));
  const TreeNode* node = find(index);
  // A place inside a blank subtree has no node of its own to cache in.
  if (!node) return toBytes(mls::treeHash(TreeNode(), index, suite_->hash).view());
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
    const TreeNode* onPath = next < at ? node->left.get() : node->right.get();
    const TreeNode* beside = next < at ? node->right.get() : node->left.get();
    if (beside && !beside->isBlankBelow()) steps.push_back({at, *sibling(next, leafCount_)});
    at = next;
    node = onPath;
  }
  std::ranges::reverse(steps);
  return steps;
}

Result<LeafIndex> RatchetTree::add(LeafNode leaf) {
  std::shared_ptr<TreeNode> top = top_;
  uint32_t leafCount = leafCount_;
  if (top->members == leafCount) {
    if (leafCount == kTreeLeavesMax) return fail(ErrorCode::treeTooLarge);
    auto above = std::make_shared<TreeNode>();
    above->left = std::move(top);
    above->right = std::make_shared<TreeNode>();
    above->settle();
    top = std::move(above);
    leafCount *= 2;
  }
  LeafIndex place = leftmostBlank(top.get(), mls::root(leafCount));
  auto unmerge = [&](NodeIndex, TreeNode& node) {
    if (!node.parent) return;
    auto changed = std::make_shared<ParentNode>(*node.parent);
    auto& unmerged = changed->unmergedLeaves;
    unmerged.insert(std::ranges::lower_bound(unmerged, place), place);
    node.put(std::shared_ptr<const ParentNode>(std::move(changed)));
  };
  top_ = std::move(top);
  leafCount_ = leafCount;
  replaceLeaf(top_, root(), place, std::make_shared<const LeafNode>(std::move(leaf)), unmerge);
  return place;
}

Result<void> RatchetTree::update(LeafIndex index, LeafNode leaf) {
  if (!this->leaf(index)) return fail(ErrorCode::blankLeaf, index.value);
  replaceLeaf(top_, root(), index, std::make_shared<const LeafNode>(std::move(leaf)), blank);
  return {};
}

Result<void> RatchetTree::remove(LeafIndex index) {
  if (!leaf(index)) return fail(ErrorCode::blankLeaf, index.value);
  if (top_->members == 1) return fail(ErrorCode::treeEmpty);
  replaceLeaf(top_, root(), index, nullptr, blank);
  while (leafCount_ > 1 && top_->right->members == 0) {
    top_ = std::shared_ptr<TreeNode>(top_->left);
    leafCount_ /= 2;
  }
  return {};
}

void RatchetTree::setPath(LeafIndex sender, LeafNode leaf, std::vector<ParentNode> parents) {
  std::vector<PathStep> steps = filteredDirectPath(sender);
  assert(steps.size() == parents.size() && this->leaf(sender));
  auto place = [&](NodeIndex at, TreeNode& node) {
    auto step = std::ranges::find(steps, at, &PathStep::node);
    if (step == steps.end()) return blank(at, node);
    auto& parent = parents[static_cast<std::size_t>(step - steps.begin())];
    node.put(std::make_shared<const ParentNode>(std::move(parent)));
  };
  replaceLeaf(top_, root(), sender, std::make_shared<const LeafNode>(std::move(leaf)), place);
}

}  // namespace qpq::mls
