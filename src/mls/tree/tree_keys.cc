#include "mls/tree/tree_keys.h"

#include <algorithm>
#include <utility>

#include "mls/schedule/labelled.h"

namespace qpq::mls {

TreeKeys::TreeKeys(LeafIndex self, SecretBytes leafPrivateKey): self_(self) {
  set(toNode(self), std::move(leafPrivateKey));
}

TreeKeys::TreeKeys(LeafIndex self, std::vector<NodePrivateKey> entries): self_(self), entries_(std::move(entries)) {
  std::ranges::sort(entries_, {}, &NodePrivateKey::node);
}

const SecretBytes* TreeKeys::find(NodeIndex node) const {
  auto found = std::ranges::lower_bound(entries_, node, {}, &NodePrivateKey::node);
  return found != entries_.end() && found->node == node ? &found->key : nullptr;
}

TreeKeys TreeKeys::clone() const {
  std::vector<NodePrivateKey> copy;
  for (const NodePrivateKey& entry : entries_) copy.push_back({entry.node, entry.key.clone()});
  return TreeKeys(self_, std::move(copy));
}

void TreeKeys::set(NodeIndex node, SecretBytes key) {
  auto place = std::ranges::lower_bound(entries_, node, {}, &NodePrivateKey::node);
  if (place != entries_.end() && place->node == node) {
    place->key = std::move(key);
  } else {
    entries_.insert(place, {node, std::move(key)});
  }
}

HPKEPublicKey TreeKeys::setPathSecret(const crypto::Suite& suite, NodeIndex node, ByteView pathSecret) {
  SecretBytes nodeSecret = deriveSecret(suite, pathSecret, "node");
  crypto::KemKeyPair pair = crypto::deriveKemKeyPair(suite.kem, nodeSecret.expose());
  set(node, std::move(pair.privateKey));
  return std::move(pair.publicKey);
}

TreeKeys TreeKeys::carriedOver(const RatchetTree& before, const RatchetTree& after) const {
  std::vector<NodePrivateKey> kept;
  for (const NodePrivateKey& entry : entries_) {
    auto was = before.encryptionKey(entry.node);
    auto is = after.encryptionKey(entry.node);
    if (was && is && equal(*was, *is)) kept.push_back({entry.node, entry.key.clone()});
  }
  return TreeKeys(self_, std::move(kept));
}

Result<void> TreeKeys::check(const RatchetTree& tree) const {
  if (!find(toNode(self_))) return fail(ErrorCode::privateKeyMismatch, toNode(self_).value);
  for (const NodePrivateKey& entry : entries_) {
    auto expected = tree.encryptionKey(entry.node);
    auto derived = crypto::kemPublicKey(tree.suite().kem, entry.key.expose());
    if (!expected || !derived || !equal(*derived, *expected))
      return fail(ErrorCode::privateKeyMismatch, entry.node.value);
  }
  return {};
}

}  // namespace qpq::mls
