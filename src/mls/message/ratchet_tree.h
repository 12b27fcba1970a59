#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "mls/limits.h"
#include "mls/message/leaf_node.h"
#include "mls/message/list.h"
#include "mls/message/tagged.h"

namespace qpq::mls {

// RFC 9420 §7.1.
struct ParentNode {
  HPKEPublicKey encryptionKey;
  Bytes parentHash;
  std::vector<LeafIndex> unmergedLeaves;
  bool operator==(const ParentNode&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ParentNode::encryptionKey, &ParentNode::parentHash, &ParentNode::unmergedLeaves};
  }
};

// RFC 9420 §12.4.3.3: the content of the GroupInfo extension ratchet_tree, from left to right, blanks at the end left
// out. The codec checks the form only; RatchetTree::fromNodes() checks that it is a tree.
using Node = Tagged<Case<NodeType::leaf, LeafNode>, Case<NodeType::parent, ParentNode>>;
using RatchetTreeNodes = List<std::optional<Node>, kTreeNodesMax>;

}  // namespace qpq::mls
