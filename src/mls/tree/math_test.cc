#include "mls/tree/math.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <set>

#include "mls/limits.h"

namespace qpq::mls {
namespace {

// The 8-leaf tree drawn in RFC 9420 appendix C.
static_assert(nodeCount(8) == 15 && root(8) == NodeIndex{7});
static_assert(left(NodeIndex{7}) == NodeIndex{3} && right(NodeIndex{7}) == NodeIndex{11});
static_assert(left(NodeIndex{11}) == NodeIndex{9} && right(NodeIndex{11}) == NodeIndex{13});
static_assert(parent(NodeIndex{9}, 8) == NodeIndex{11} && parent(NodeIndex{13}, 8) == NodeIndex{11});
static_assert(sibling(NodeIndex{3}, 8) == NodeIndex{11} && sibling(NodeIndex{12}, 8) == NodeIndex{14});
static_assert(!left(NodeIndex{4}) && !right(NodeIndex{4}) && !parent(NodeIndex{7}, 8) && !sibling(NodeIndex{7}, 8));
static_assert(level(NodeIndex{4}) == 0 && level(NodeIndex{5}) == 1 && level(NodeIndex{7}) == 3);
static_assert(leavesBelow(NodeIndex{11}) == LeafRange{{4}, 4} && leavesBelow(NodeIndex{6}) == LeafRange{{3}, 1});
static_assert(commonAncestor({0}, {1}) == NodeIndex{1} && commonAncestor({5}, {2}) == NodeIndex{7});
static_assert(commonAncestor({3}, {3}) == NodeIndex{6});
static_assert(leafCountFor({0}) == 1 && leafCountFor({2}) == 2 && leafCountFor({4}) == 4 && leafCountFor({7}) == 4);
// The largest tree this build takes stays far from the end of 32 bits.
static_assert(parent(NodeIndex{kTreeNodesMax - 1}, kTreeLeavesMax) == NodeIndex{kTreeNodesMax - 2});
static_assert(leavesBelow(root(kTreeLeavesMax)) == LeafRange{{0}, kTreeLeavesMax});

TEST_CASE("a leaf's path goes up to the root, and its copath covers all other leaves") {
  for (uint32_t leaves : {1U, 2U, 4U, 8U, 64U}) {
    for (uint32_t i = 0; i < leaves; ++i) {
      LeafIndex leaf{i};
      auto path = directPath(leaf, leaves);
      auto beside = copath(leaf, leaves);
      REQUIRE(path.size() == beside.size());
      if (!path.empty()) CHECK(path.back() == root(leaves));
      std::set<uint32_t> covered;
      for (std::size_t k = 0; k < path.size(); ++k) {
        CHECK(level(path[k]) == k + 1);
        CHECK(leavesBelow(path[k]).contains(leaf));
        CHECK_FALSE(leavesBelow(beside[k]).contains(leaf));
        CHECK(childTowards(path[k], leaf) != beside[k]);
        LeafRange range = leavesBelow(beside[k]);
        for (uint32_t j = 0; j < range.count; ++j) covered.insert(range.first.value + j);
      }
      CHECK(covered.size() == leaves - 1);
      for (uint32_t j = 0; j < leaves; ++j) {
        NodeIndex meeting = commonAncestor(leaf, {j});
        auto other = directPath({j}, leaves);
        auto first = std::ranges::find_if(path, [&](NodeIndex node) { return std::ranges::contains(other, node); });
        CHECK(meeting == (i == j ? toNode(leaf) : *first));
      }
    }
  }
}

}  // namespace
}  // namespace qpq::mls
