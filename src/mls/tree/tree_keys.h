#pragma once

#include <span>
#include <vector>

#include "base/secret.h"
#include "mls/tree/ratchet_tree.h"

namespace qpq::mls {

struct NodePrivateKey {
  NodeIndex node;
  SecretBytes key;
};

// The private half of the ratchet tree one member holds (RFC 9420 §4.2, §7.5): the key of its own leaf and of nodes
// above it. At most one key per level, so everything here is O(log N).
class TreeKeys {
 public:
  TreeKeys(LeafIndex self, SecretBytes leafPrivateKey);
  // As entries() gave them; the own leaf's key is among them.
  TreeKeys(LeafIndex self, std::vector<NodePrivateKey> entries);

  LeafIndex self() const { return self_; }
  const SecretBytes* find(NodeIndex node) const;
  std::span<const NodePrivateKey> entries() const { return entries_; }  // ascending by node
  TreeKeys clone() const;

  void set(NodeIndex node, SecretBytes key);
  // RFC 9420 §7.4: the key pair a path secret makes; returns its public key.
  HPKEPublicKey setPathSecret(const crypto::Suite& suite, NodeIndex node, ByteView pathSecret);

  // The keys whose nodes are the same in both trees. The others are outdated and must be forgotten (§7.5); if the own
  // leaf was updated, set() its key afterwards.
  TreeKeys carriedOver(const RatchetTree& before, const RatchetTree& after) const;
  // privateKeyMismatch (node index) if a key is not the private half of what stands in the tree, or if the key of the
  // own leaf is missing.
  Result<void> check(const RatchetTree& tree) const;

 private:
  LeafIndex self_;
  std::vector<NodePrivateKey> entries_;
};

}  // namespace qpq::mls
