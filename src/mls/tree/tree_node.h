#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "crypto/hash.h"
#include "mls/message/ratchet_tree.h"
#include "mls/tree/math.h"
#include "mls/tree/node_ref.h"
#include "mls/tree/node_view.h"

// Inside of RatchetTree: one node with everything below it. Trees that differ in a few leaves share the rest.
namespace qpq::mls {

// A hash of any suite, without an allocation.
class TreeHash {
 public:
  explicit TreeHash(crypto::HashId hash): size_(crypto::hashSize(hash)) {}
  ByteView view() const { return ByteView(bytes_).first(size_); }
  ByteSpan writable() { return ByteSpan(bytes_).first(size_); }

 private:
  std::array<uint8_t, 64> bytes_{};
  std::size_t size_;
};

// RFC 9420 §5.3.3, of the leaves below a node: the credential types somebody uses and those everybody supports, one bit
// for each type the codec can read.
struct CredentialUse {
  uint8_t used = 0;
  uint8_t supported = 0xff;

  static CredentialUse of(const LeafNode& leaf);
  CredentialUse with(CredentialUse other) const {
    return {static_cast<uint8_t>(used | other.used), static_cast<uint8_t>(supported & other.supported)};
  }
  bool fits() const { return (used & ~supported) == 0; }
};

// Made once and never changed but for its hash, which is computed when first asked for. What is in the node stands
// encoded right behind this, and behind that its hash.
class TreeNode {
 public:
  // A blank leaf or a subtree in which everything is blank: always held in this one form, so blanks cost nothing.
  static NodeRef blank(crypto::HashId hash);
  static NodeRef leaf(crypto::HashId hash, const LeafNode& content);
  // `content` is an encoded ParentNode, or empty for a blank one.
  static NodeRef parent(crypto::HashId hash, ByteView content, NodeRef left, NodeRef right);

  TreeNode(const TreeNode&) = delete;
  TreeNode& operator=(const TreeNode&) = delete;

  // Of a parent: both, or neither if everything below is blank.
  const NodeRef& left() const { return left_; }
  const NodeRef& right() const { return right_; }
  bool isBlank() const { return contentSize_ == 0; }
  bool isBlankBelow() const { return isBlank() && !left_; }  // exactly if its resolution is empty
  ByteView content() const { return {tail(), contentSize_}; }
  LeafView asLeaf() const { return LeafView(content()); }
  ParentView asParent() const { return ParentView(content()); }
  // Both kinds begin with it.
  ByteView encryptionKey() const { return detail::Fields(content()).opaque(); }
  // keyMark() of the node's keys. A search looks at these of every node, and at few of the keys: what it reads stands
  // together. A blank node, or a parent without a signature key, has some mark, too.
  uint32_t encryptionMark() const { return encryptionMark_; }
  uint32_t signatureMark() const { return signatureMark_; }
  uint32_t members() const { return members_; }  // leaves below that are not blank
  CredentialUse credentials() const { return credentials_; }

  // Kept in a node that trees share: its place is the same in each, so its hash is, too. Empty: not computed.
  ByteView hash() const { return {tail() + contentSize_, isHashed_ ? hashSize_ : std::size_t{0}}; }
  void keepHash(ByteView hash);

 private:
  friend class NodeRef;
  TreeNode(crypto::HashId hash, std::size_t contentSize, NodeRef left, NodeRef right, uint32_t members,
           CredentialUse credentials);
  ~TreeNode() = default;
  static TreeNode* make(crypto::HashId hash, ByteView content, NodeRef left, NodeRef right, uint32_t members,
                        CredentialUse credentials);
  static void free(TreeNode* node);

  const uint8_t* tail() const { return reinterpret_cast<const uint8_t*>(this + 1); }
  uint8_t* tail() { return reinterpret_cast<uint8_t*>(this + 1); }

  NodeRef left_, right_;
  uint32_t encryptionMark_ = 0;
  uint32_t signatureMark_ = 0;
  std::atomic<uint32_t> shares_{1};
  uint32_t contentSize_;
  uint32_t members_;
  CredentialUse credentials_;
  uint8_t hashSize_;
  bool isHashed_ = false;
};

// Calls visit(NodeIndex, const TreeNode&) for the nodes that are not blank, from left to right.
template <class Visit>
void visitBelow(const TreeNode& node, NodeIndex at, const Visit& visit) {
  if (node.left()) visitBelow(*node.left(), *left(at), visit);
  if (!node.isBlank()) visit(at, node);
  if (node.right()) visitBelow(*node.right(), *right(at), visit);
}

// RFC 9420 §7.8: the tree hash of the subtree `node` that stands at `at`; computes and keeps what is missing below.
// Valid as long as the node lives.
ByteView treeHash(TreeNode& node, NodeIndex at, crypto::HashId hash);

// RFC 9420 §7.9: the same after blanking the leaves `without` (ascending) and taking them out of all unmerged_leaves.
TreeHash treeHashWithout(TreeNode& node, NodeIndex at, crypto::HashId hash, std::span<const LeafIndex> without);

}  // namespace qpq::mls
