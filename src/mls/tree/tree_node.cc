#include "mls/tree/tree_node.h"

namespace qpq::mls {

CredentialUse CredentialUse::of(const LeafNode& leaf) {
  auto bit = [](CredentialType type) { return type == CredentialType::basic ? 1U : 2U; };
  unsigned supported = 0;
  for (CredentialType type : {CredentialType::basic, CredentialType::x509}) {
    if (leaf.capabilities.supports(type)) supported |= bit(type);
  }
  return {static_cast<uint8_t>(bit(leaf.credential.type())), static_cast<uint8_t>(supported)};
}

void TreeNode::put(std::shared_ptr<const LeafNode> content) {
  leaf = std::move(content);
  members = leaf ? 1 : 0;
  encryptionPrefix = leaf ? keyPrefix(leaf->encryptionKey) : 0;
  signaturePrefix = leaf ? keyPrefix(leaf->signatureKey) : 0;
  credentials = leaf ? CredentialUse::of(*leaf) : CredentialUse();
}

void TreeNode::put(std::shared_ptr<const ParentNode> content) {
  parent = std::move(content);
  encryptionPrefix = parent ? keyPrefix(parent->encryptionKey) : 0;
}

void TreeNode::settle() {
  members = left->members + right->members;
  credentials = left->credentials.with(right->credentials);
  if (!parent && left->isBlankBelow() && right->isBlankBelow()) {
    left.reset();
    right.reset();
  }
}

}  // namespace qpq::mls
