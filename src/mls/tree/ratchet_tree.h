#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <vector>

#include "crypto/suite.h"
#include "mls/error.h"
#include "mls/message/ratchet_tree.h"
#include "mls/tree/math.h"
#include "mls/tree/node_ref.h"
#include "mls/tree/node_view.h"

namespace qpq::mls {

class KeySet;

enum class KeyKind { encryption, signature };

// One node of a filtered direct path (RFC 9420 §4.1.2) and its child away from the leaf.
struct PathStep {
  NodeIndex node;
  NodeIndex copathChild;
  bool operator==(const PathStep&) const = default;
};

// The public ratchet tree (RFC 9420 §4.1, §7) as a value. A copy costs O(1), a change O(log N): trees share every
// subtree in which they agree, and each node keeps its tree hash. A node takes little more memory than its encoding. A
// tree always has its form: it is full, the right half holds a member, unmerged leaves are ascending, not blank, below
// their node and listed by every node between. What is in the nodes is judged by validate.h.
//
// Hashes are computed when first asked for and kept in shared nodes: two threads must not ask at the same time.
class RatchetTree {
 public:
  // A group of one.
  RatchetTree(const crypto::Suite& suite, const LeafNode& creator);
  // From the extension ratchet_tree (RFC 9420 §12.4.3.3): treeEmpty, trailingBlank, misplacedNode, unmergedNotSorted,
  // unmergedNotBelow, unmergedBlank, unmergedNotInherited, each with the node index.
  static Result<RatchetTree> fromNodes(const crypto::Suite& suite, const RatchetTreeNodes& nodes);
  RatchetTreeNodes nodes() const;
  Bytes encodedNodes() const;  // encode(nodes()), without making them
  // What that is without the length at its beginning, for a larger structure.
  std::size_t nodesSize() const;
  void writeNodes(Writer& out) const;

  const crypto::Suite& suite() const { return *suite_; }
  uint32_t leafCount() const { return leafCount_; }  // a power of two, blank leaves included
  uint32_t memberCount() const;
  NodeIndex root() const { return mls::root(leafCount_); }

  // Nothing for a blank node and one outside the tree. A whole node is made anew by each call.
  std::optional<LeafNode> leaf(LeafIndex index) const;
  std::optional<ParentNode> parent(NodeIndex index) const;
  // Borrowed: valid until this tree changes or dies.
  std::optional<LeafView> leafView(LeafIndex index) const;
  std::optional<ByteView> encryptionKey(NodeIndex index) const;
  std::optional<ByteView> encoded(NodeIndex index) const;  // the LeafNode or ParentNode

  // The nodes that are not blank, from left to right.
  std::vector<NodeIndex> present() const;
  void forEachLeaf(const std::function<void(LeafIndex, LeafView)>& visit) const;
  void forEachParent(const std::function<void(NodeIndex, ParentView)>& visit) const;
  // The nodes with a key that clashes with one of a set, from left to right; of a leaf the signature key first. Costs
  // one look at each node's prefix.
  void findKeys(const KeySet& encryption, const KeySet& signature,
                const std::function<void(NodeIndex, KeyKind)>& found) const;
  // RFC 9420 §5.3.3: every member supports every credential type in use. Costs nothing.
  bool credentialsFit() const;
  // The nodes whose content differs from that in `other`, ascending; blank and outside count as equal. Costs
  // O(changes).
  std::vector<NodeIndex> changedSince(const RatchetTree& other) const;

  // RFC 9420 §7.8. Valid as long as the node stays as it is.
  ByteView treeHash() const;
  Bytes treeHash(NodeIndex index) const;  // of a node inside the tree
  // RFC 9420 §7.9 original_sibling_tree_hash: of the subtree without the given leaves (ascending).
  Bytes originalTreeHash(NodeIndex index, std::span<const LeafIndex> without) const;

  // RFC 9420 §4.1.1, of a node inside the tree.
  std::vector<NodeIndex> resolution(NodeIndex index) const;
  // RFC 9420 §4.1.2, from the leaf to the root.
  std::vector<PathStep> filteredDirectPath(LeafIndex leaf) const;

  // RFC 9420 §12.1.1: into the leftmost blank leaf; treeTooLarge if there is none and the tree may not grow.
  Result<LeafIndex> add(const LeafNode& leaf);
  // RFC 9420 §12.1.2; blankLeaf if there is no such member.
  Result<void> update(LeafIndex index, const LeafNode& leaf);
  // RFC 9420 §12.1.3, truncation included; blankLeaf if there is no such member, treeEmpty if it is the last one.
  Result<void> remove(LeafIndex index);
  // RFC 9420 §7.5: replaces the sender's leaf and the parents of its filtered direct path, which `parents` gives in
  // that order, and blanks the rest of its direct path.
  void setPath(LeafIndex sender, const LeafNode& leaf, std::span<const ParentNode> parents);

 private:
  RatchetTree(const crypto::Suite& suite, NodeRef top, uint32_t leafCount);
  TreeNode* find(NodeIndex index) const;

  const crypto::Suite* suite_;
  NodeRef top_;
  uint32_t leafCount_;
};

}  // namespace qpq::mls
