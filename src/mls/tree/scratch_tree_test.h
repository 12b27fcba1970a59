#pragma once

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "mls/tree/ratchet_tree.h"

namespace qpq::mls {

// The RFC's definitions word by word over the array of nodes, nothing cached: what the real tree is compared with.
class ScratchTree {
 public:
  ScratchTree(const crypto::Suite& suite, RatchetTreeNodes nodes, uint32_t leafCount)
      : suite_(suite), nodes_(std::move(nodes)) {
    nodes_.resize(nodeCount(leafCount));
  }

  // RFC 9420 §7.8.
  Bytes treeHash(NodeIndex at) const {
    const auto& node = nodes_[at.value];
    Writer out;
    if (isLeaf(at)) {
      out.u8(1);
      write(out, toLeaf(at));
      write(out, node ? std::optional(std::get<LeafNode>(node->body)) : std::nullopt);
    } else {
      out.u8(2);
      write(out, node ? std::optional(std::get<ParentNode>(node->body)) : std::nullopt);
      write(out, treeHash(*left(at)));
      write(out, treeHash(*right(at)));
    }
    return crypto::hash(suite_.hash, out.view());
  }

  // RFC 9420 §4.1.1.
  std::vector<NodeIndex> resolution(NodeIndex at) const {
    std::vector<NodeIndex> result;
    if (const auto& node = nodes_[at.value]) {
      result.push_back(at);
      if (const auto* parent = node->as<ParentNode>()) {
        for (LeafIndex leaf : parent->unmergedLeaves) result.push_back(toNode(leaf));
      }
    } else if (!isLeaf(at)) {
      result = resolution(*left(at));
      std::ranges::copy(resolution(*right(at)), std::back_inserter(result));
    }
    return result;
  }

  // RFC 9420 §4.1.2.
  std::vector<PathStep> filteredDirectPath(LeafIndex leaf, uint32_t leafCount) const {
    std::vector<PathStep> steps;
    auto path = directPath(leaf, leafCount);
    auto beside = copath(leaf, leafCount);
    for (std::size_t i = 0; i < path.size(); ++i) {
      if (!resolution(beside[i]).empty()) steps.push_back({path[i], beside[i]});
    }
    return steps;
  }

  // RFC 9420 §7.9 original_sibling_tree_hash.
  Bytes originalTreeHash(NodeIndex at, const std::vector<LeafIndex>& without) const {
    ScratchTree stripped = *this;
    for (LeafIndex leaf : without) {
      stripped.nodes_[toNode(leaf).value].reset();
      for (auto& node : stripped.nodes_) {
        if (!node || node->type() != NodeType::parent) continue;
        std::erase(std::get<ParentNode>(node->body).unmergedLeaves, leaf);
      }
    }
    return stripped.treeHash(at);
  }

 private:
  const crypto::Suite& suite_;
  RatchetTreeNodes nodes_;
};

inline void checkAgainstScratch(const RatchetTree& tree) {
  RatchetTreeNodes nodes = tree.nodes();
  ScratchTree scratch(tree.suite(), nodes, tree.leafCount());
  REQUIRE(equal(tree.treeHash(), scratch.treeHash(tree.root())));
  uint32_t members = 0;
  for (uint32_t i = 0; i < nodeCount(tree.leafCount()); ++i) {
    REQUIRE(tree.treeHash({i}) == scratch.treeHash({i}));
    REQUIRE(tree.resolution({i}) == scratch.resolution({i}));
    bool present = i < nodes.size() && nodes[i];
    REQUIRE(tree.encryptionKey({i}).has_value() == present);
    if (auto parent = tree.parent({i})) {
      for (NodeIndex child : {*left({i}), *right({i})}) {
        REQUIRE(tree.originalTreeHash(child, parent->unmergedLeaves) ==
                scratch.originalTreeHash(child, parent->unmergedLeaves));
      }
    }
    if (isLeaf({i}) && present) {
      ++members;
      REQUIRE(tree.filteredDirectPath(toLeaf({i})) == scratch.filteredDirectPath(toLeaf({i}), tree.leafCount()));
    }
  }
  REQUIRE(tree.memberCount() == members);
  auto reread = RatchetTree::fromNodes(tree.suite(), nodes);
  REQUIRE(reread.has_value());
  REQUIRE(equal(reread->treeHash(), tree.treeHash()));
  REQUIRE(reread->leafCount() == tree.leafCount());
}

}  // namespace qpq::mls
