#include "mls/tree/tree_node.h"

#include <algorithm>
#include <new>

#include "mls/tree/key_set.h"

namespace qpq::mls {

CredentialUse CredentialUse::of(const LeafNode& leaf) {
  auto bit = [](CredentialType type) { return type == CredentialType::basic ? 1U : 2U; };
  unsigned supported = 0;
  for (CredentialType type : {CredentialType::basic, CredentialType::x509}) {
    if (leaf.capabilities.supports(type)) supported |= bit(type);
  }
  return {static_cast<uint8_t>(bit(leaf.credential.type())), static_cast<uint8_t>(supported)};
}

NodeRef::NodeRef(const NodeRef& other) noexcept: node_(other.node_) {
  if (node_) node_->shares_.fetch_add(1, std::memory_order_relaxed);
}

// The last to leave must see what all others did with the node.
NodeRef::~NodeRef() {
  if (node_ && node_->shares_.fetch_sub(1, std::memory_order_acq_rel) == 1) TreeNode::free(node_);
}

NodeRef TreeNode::blank(crypto::HashId hash) { return NodeRef(make(hash, {}, {}, {}, 0, {})); }

NodeRef TreeNode::leaf(crypto::HashId hash, const LeafNode& content) {
  TreeNode* node = make(hash, encode(content), {}, {}, 1, CredentialUse::of(content));
  node->encryptionMark_ = keyMark(content.encryptionKey);
  node->signatureMark_ = keyMark(content.signatureKey);
  return NodeRef(node);
}

NodeRef TreeNode::parent(crypto::HashId hash, ByteView content, NodeRef left, NodeRef right) {
  if (content.empty() && left->isBlankBelow() && right->isBlankBelow()) return blank(hash);
  uint32_t members = left->members() + right->members();
  CredentialUse credentials = left->credentials().with(right->credentials());
  TreeNode* node = make(hash, content, std::move(left), std::move(right), members, credentials);
  if (!content.empty()) node->encryptionMark_ = keyMark(node->encryptionKey());
  return NodeRef(node);
}

void TreeNode::keepHash(ByteView hash) {
  std::ranges::copy(hash, tail() + contentSize_);
  isHashed_ = true;
}

TreeNode::TreeNode(crypto::HashId hash, std::size_t contentSize, NodeRef left, NodeRef right, uint32_t members,
                   CredentialUse credentials)
    : left_(std::move(left)),
      right_(std::move(right)),
      contentSize_(static_cast<uint32_t>(contentSize)),
      members_(members),
      credentials_(credentials),
      hashSize_(static_cast<uint8_t>(crypto::hashSize(hash))) {}

TreeNode* TreeNode::make(crypto::HashId hash, ByteView content, NodeRef left, NodeRef right, uint32_t members,
                         CredentialUse credentials) {
  void* memory = ::operator new(sizeof(TreeNode) + content.size() + crypto::hashSize(hash));
  auto* node = new (memory) TreeNode(hash, content.size(), std::move(left), std::move(right), members, credentials);
  std::ranges::copy(content, node->tail());
  return node;
}

void TreeNode::free(TreeNode* node) {
  node->~TreeNode();
  ::operator delete(node);
}

}  // namespace qpq::mls
