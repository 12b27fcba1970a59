#include "mls/tree/ratchet_tree.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

#include "mls/message/proposal.h"
#include "mls/tree/parent_hash.h"
#include "mls/tree/scratch_tree_test.h"
#include "mls/tree/tree_scene_test.h"

namespace qpq::mls {
namespace {

const crypto::Suite& kPlain = crypto::kSuiteX25519;

LeafNode leafNamed(std::string_view name) {
  Bytes key = crypto::hash(crypto::HashId::sha256, asBytes(name));
  return {.encryptionKey = key,
          .signatureKey = key,
          .credential = {BasicCredential{toBytes(asBytes(name))}},
          .source = {Lifetime{}}};
}

RatchetTree treeOf(uint32_t members) {
  RatchetTree tree(kPlain, leafNamed("0"));
  for (uint32_t i = 1; i < members; ++i) CHECK(tree.add(leafNamed(std::to_string(i))) == LeafIndex{i});
  return tree;
}

// A path whose keys nobody holds: enough for everything that is public.
void setPath(RatchetTree& tree, LeafIndex sender, std::string_view keys) {
  std::vector<HPKEPublicKey> path;
  for (PathStep step : tree.filteredDirectPath(sender)) {
    path.push_back(leafNamed(std::string(keys) + std::to_string(step.node.value)).encryptionKey);
  }
  PathParents parents = parentsOfPath(tree, sender, std::move(path));
  LeafNode leaf = leafNamed(keys);
  leaf.source = {CommitParentHash{std::move(parents.leafParentHash)}};
  tree.setPath(sender, leaf, parents.parents);
}

TEST_CASE("the resolutions and paths are those drawn in RFC 9420 §4.1") {
  // Figure "A Tree with Blanks and Unmerged Leaves", as the left half of a tree of sixteen is not needed: leaves A B _
  // D E F _ H, X above the left half with B unmerged, Y above E and F.
  auto leaf = [](std::string_view name) { return Node{leafNamed(name)}; };
  RatchetTreeNodes nodes(15);
  for (auto [place, name] : {std::pair{0U, "A"}, {2U, "B"}, {6U, "D"}, {8U, "E"}, {10U, "F"}, {14U, "H"}}) {
    nodes[place] = leaf(name);
  }
  nodes[3] = Node{ParentNode{.encryptionKey = Bytes(32, 1), .unmergedLeaves = {{1}}}};
  nodes[9] = Node{ParentNode{.encryptionKey = Bytes(32, 2)}};
  RatchetTree tree = RatchetTree::fromNodes(kPlain, nodes).value();
  CHECK(tree.resolution({7}) == std::vector<NodeIndex>{{3}, {2}, {9}, {14}});
  CHECK(tree.resolution({3}) == std::vector<NodeIndex>{{3}, {2}});
  CHECK(tree.resolution({4}).empty());
  CHECK(tree.resolution({12}).empty());
  checkAgainstScratch(tree);

  // Figure "A Complete Tree with Five Members": A B _ _ E F G _.
  nodes.assign(13, std::nullopt);
  for (auto [place, name] : {std::pair{0U, "A"}, {2U, "B"}, {8U, "E"}, {10U, "F"}, {12U, "G"}})
    nodes[place] = leaf(name);
  for (uint32_t place : {1U, 7U, 9U, 11U}) nodes[place] = Node{ParentNode{.encryptionKey = Bytes(32, 3)}};
  tree = RatchetTree::fromNodes(kPlain, nodes).value();
  auto path = [&](uint32_t index) {
    std::vector<uint32_t> places;
    for (PathStep step : tree.filteredDirectPath({index})) places.push_back(step.node.value);
    return places;
  };
  CHECK(path(0) == std::vector<uint32_t>{1, 7});
  CHECK(path(1) == std::vector<uint32_t>{1, 7});
  CHECK(path(4) == std::vector<uint32_t>{9, 11, 7});
  CHECK(path(5) == std::vector<uint32_t>{9, 11, 7});
  CHECK(path(6) == std::vector<uint32_t>{11, 7});
  checkAgainstScratch(tree);
}

TEST_CASE("a newcomer takes the leftmost blank leaf and is unmerged in every node above it that is not blank") {
  RatchetTree tree = treeOf(4);
  setPath(tree, {0}, "path of 0");
  REQUIRE(tree.remove({2}).has_value());
  setPath(tree, {3}, "path of 3");
  CHECK(tree.add(leafNamed("new")) == LeafIndex{2});
  CHECK_FALSE(tree.parent({5}));
  REQUIRE(tree.parent({3}));
  CHECK(tree.parent({3})->unmergedLeaves == std::vector<LeafIndex>{{2}});
  CHECK(tree.add(leafNamed("newer")) == LeafIndex{4});
  CHECK(tree.leafCount() == 8);
  CHECK_FALSE(tree.parent({7}));
  checkAgainstScratch(tree);
}

TEST_CASE("unmerged leaves stay ascending even in a tree whose blank leaves were passed over") {
  // No honest group comes to this: leaf 3 was added while leaf 1 was blank. A joiner cannot tell.
  RatchetTreeNodes nodes(7);
  for (uint32_t place : {0U, 4U, 6U}) nodes[place] = Node{leafNamed(std::to_string(place))};
  nodes[3] = Node{ParentNode{.encryptionKey = Bytes(32, 1), .unmergedLeaves = {{3}}}};
  RatchetTree tree = RatchetTree::fromNodes(kPlain, nodes).value();
  CHECK(tree.add(leafNamed("late")) == LeafIndex{1});
  CHECK(tree.parent({3})->unmergedLeaves == std::vector<LeafIndex>{{1}, {3}});
  checkAgainstScratch(tree);
}

TEST_CASE("removal truncates the tree as far as it is empty on the right, also with a path above") {
  RatchetTree tree = treeOf(9);
  CHECK(tree.leafCount() == 16);
  setPath(tree, {1}, "path of 1");
  REQUIRE(tree.remove({8}).has_value());
  CHECK(tree.leafCount() == 8);
  for (uint32_t i : {7U, 6U, 5U}) REQUIRE(tree.remove({i}).has_value());
  CHECK(tree.leafCount() == 8);
  REQUIRE(tree.remove({4}).has_value());
  CHECK(tree.leafCount() == 4);
  CHECK(tree.parent({3}));  // what was below the old root keeps its key
  checkAgainstScratch(tree);
}

TEST_CASE("one commit may remove the last leaf and add another: the place is used again") {
  RatchetTree tree = treeOf(5);
  REQUIRE(tree.remove({4}).has_value());
  REQUIRE(tree.remove({1}).has_value());
  CHECK(tree.leafCount() == 4);
  CHECK(tree.add(leafNamed("a")) == LeafIndex{1});
  CHECK(tree.add(leafNamed("b")) == LeafIndex{4});
  CHECK(tree.leafCount() == 8);
  checkAgainstScratch(tree);
  // An Update of a leaf that was removed before it finds nobody (an own leaf index that went stale).
  REQUIRE(tree.remove({4}).has_value());
  CHECK(tree.update({4}, leafNamed("c")).error() == Error(ErrorCode::blankLeaf, 4));
}

TEST_CASE("a tree whose left half is empty still has its root (mlspp#430)") {
  RatchetTree tree = treeOf(6);
  setPath(tree, {5}, "path of 5");
  for (uint32_t i : {0U, 1U, 2U, 3U}) REQUIRE(tree.remove({i}).has_value());
  CHECK(tree.leafCount() == 8);
  CHECK(tree.filteredDirectPath({5}) == std::vector<PathStep>{{{9}, {8}}});
  setPath(tree, {5}, "again 5");
  CHECK(tree.parent({9})->parentHash.empty());
  CHECK(verifyParentHashes(tree).has_value());
  checkAgainstScratch(tree);
}

TEST_CASE("what cannot be done is refused and changes nothing") {
  RatchetTree tree = treeOf(5);
  REQUIRE(tree.remove({1}).has_value());
  Bytes before = encode(tree.nodes());
  for (uint32_t absent : {1U, 5U, 7U, 8U, 0x7fffffffU, 0x80000000U, 0xffffffffU}) {
    CHECK(tree.update({absent}, leafNamed("x")).error() == Error(ErrorCode::blankLeaf, absent));
    CHECK(tree.remove({absent}).error() == Error(ErrorCode::blankLeaf, absent));
    CHECK_FALSE(tree.leaf({absent}));
  }
  CHECK_FALSE(tree.parent({15}));
  CHECK_FALSE(tree.parent({0xffffffff}));
  CHECK_FALSE(tree.encryptionKey({0xfffffffe}));
  CHECK(encode(tree.nodes()) == before);
  RatchetTree one = treeOf(1);
  CHECK(one.remove({0}).error() == Error(ErrorCode::treeEmpty));
  CHECK(one.memberCount() == 1);
}

TEST_CASE("a ratchet_tree that is no tree is refused, with the node") {
  auto leaf = std::optional(Node{leafNamed("leaf")});
  auto parent = [](std::vector<LeafIndex> unmerged = {}) {
    return std::optional(Node{ParentNode{.encryptionKey = Bytes(32, 1), .unmergedLeaves = std::move(unmerged)}});
  };
  auto refused = [](const RatchetTreeNodes& nodes) { return RatchetTree::fromNodes(kPlain, nodes).error(); };
  std::optional<Node> blank;

  CHECK(refused({}) == Error(ErrorCode::treeEmpty));
  CHECK(refused({blank}) == Error(ErrorCode::trailingBlank, 0));
  CHECK(refused({leaf, blank, blank}) == Error(ErrorCode::trailingBlank, 2));
  CHECK(refused({leaf, parent(), leaf, blank}) == Error(ErrorCode::trailingBlank, 3));
  CHECK(refused({parent()}) == Error(ErrorCode::misplacedNode, 0));
  CHECK(refused({leaf, leaf, leaf}) == Error(ErrorCode::misplacedNode, 1));
  CHECK(refused({leaf, blank, parent()}) == Error(ErrorCode::misplacedNode, 2));
  CHECK(refused({leaf, parent()}) == Error(ErrorCode::misplacedNode, 1));
  CHECK(refused({leaf, blank, leaf, blank, leaf, parent()}) == Error(ErrorCode::misplacedNode, 5));

  CHECK(refused({leaf, parent({{1}, {0}}), leaf}) == Error(ErrorCode::unmergedNotSorted, 1));
  CHECK(refused({leaf, parent({{1}, {1}}), leaf}) == Error(ErrorCode::unmergedNotSorted, 1));
  CHECK(refused({leaf, parent({{2}}), leaf, blank, leaf}) == Error(ErrorCode::unmergedNotBelow, 1));
  CHECK(refused({leaf, parent({{0xffffffff}}), leaf}) == Error(ErrorCode::unmergedNotBelow, 1));
  CHECK(refused({leaf, parent({{0x80000000}}), leaf}) == Error(ErrorCode::unmergedNotBelow, 1));
  CHECK(refused({blank, parent({{0}}), leaf}) == Error(ErrorCode::unmergedBlank, 1));
  CHECK(refused({leaf, blank, leaf, parent({{3}}), leaf}) == Error(ErrorCode::unmergedBlank, 3));
  CHECK(refused({leaf, parent(), leaf, parent({{0}}), leaf}) == Error(ErrorCode::unmergedNotInherited, 1));
  CHECK(RatchetTree::fromNodes(kPlain, {leaf, parent({{0}}), leaf, parent({{0}}), leaf}).has_value());
}

TEST_CASE("a tree takes as many leaves as limits.h says, and no more") {
  RatchetTreeNodes nodes(kTreeNodesMax);
  nodes.front() = nodes.back() = Node{leafNamed("leaf")};
  RatchetTree tree = RatchetTree::fromNodes(kPlain, nodes).value();
  CHECK(tree.leafCount() == kTreeLeavesMax);
  CHECK(tree.memberCount() == 2);
  CHECK(tree.resolution(tree.root()).size() == 2);
  CHECK(tree.treeHash().size() == 32);

  nodes.resize(kTreeNodesMax + 2);
  nodes.back() = Node{leafNamed("leaf")};
  CHECK(RatchetTree::fromNodes(kPlain, nodes).error() == Error(ErrorCode::treeTooLarge));
  // The codec stops before that much memory is taken.
  Writer tooMany;
  tooMany.opaque(Bytes(kTreeNodesMax + 1, 0));
  CHECK(decode<RatchetTreeNodes>(tooMany.view()).error().code == DecodeError::Code::tooLarge);
  Writer farTooMany;
  farTooMany.opaque(Bytes(100 * std::size_t{kTreeNodesMax}, 0));
  CHECK(decode<RatchetTreeNodes>(farTooMany.view()).error().code == DecodeError::Code::tooLarge);

  LeafNode leaf = leafNamed("leaf");
  for (uint32_t i = 2; i < kTreeLeavesMax; ++i) REQUIRE(tree.add(leaf).has_value());
  CHECK(tree.add(leaf).error() == Error(ErrorCode::treeTooLarge));
  CHECK(tree.memberCount() == kTreeLeavesMax);
}

TEST_CASE("a copy is another tree, and only what differs has to be written down") {
  RatchetTree tree = treeOf(6);
  setPath(tree, {0}, "path of 0");
  RatchetTree copy = tree;
  CHECK(copy.changedSince(tree).empty());
  REQUIRE(copy.update({3}, leafNamed("3 anew")).has_value());
  CHECK(copy.changedSince(tree) == std::vector<NodeIndex>{{3}, {6}, {7}});
  CHECK(tree.leaf({3})->credential == leafNamed("3").credential);
  checkAgainstScratch(tree);
  checkAgainstScratch(copy);

  // Growing and shrinking: nodes outside a tree count as blank.
  RatchetTree grown = tree;
  for (std::string_view name : {"6", "7", "8"}) REQUIRE(grown.add(leafNamed(name)).has_value());
  CHECK(grown.changedSince(tree) == std::vector<NodeIndex>{{7}, {12}, {14}, {16}});
  CHECK(tree.changedSince(grown) == std::vector<NodeIndex>{{7}, {12}, {14}, {16}});
  RatchetTree same = RatchetTree::fromNodes(kPlain, tree.nodes()).value();
  CHECK(same.changedSince(tree).empty());
}

// Every way to change a tree of at most eight leaves, without keys: the tree itself is the state, so a branch costs a
// copy. A joiner must accept whatever comes out.
void explore(const RatchetTree& tree, std::span<const LeafIndex> actors, int depth, std::size_t& visited) {
  ++visited;
  checkAgainstScratch(tree);
  REQUIRE(verifyParentHashes(RatchetTree::fromNodes(tree.suite(), tree.nodes()).value()).has_value());
  if (depth == 0) return;
  std::string name = std::to_string(depth);
  if (tree.memberCount() < 8) {
    RatchetTree next = tree;
    REQUIRE(next.add(leafNamed("added " + name)).has_value());
    explore(next, actors, depth - 1, visited);
  }
  for (LeafIndex actor : actors) {
    if (!tree.leaf(actor)) continue;
    RatchetTree next = tree;
    setPath(next, actor, "path " + name);
    explore(next, actors, depth - 1, visited);
    next = tree;
    REQUIRE(next.update(actor, leafNamed("updated " + name)).has_value());
    explore(next, actors, depth - 1, visited);
    next = tree;
    if (next.remove(actor)) explore(next, actors, depth - 1, visited);
  }
}

TEST_CASE("after every sequence of changes a joiner accepts the tree") {
  std::size_t visited = 0;
  std::vector<LeafIndex> all;
  for (uint32_t i = 0; i < 8; ++i) all.push_back({i});
  for (uint32_t members : {1U, 3U, 4U, 6U, 8U}) {
    RatchetTree tree = treeOf(members);
    if (members > 3) setPath(tree, {1}, "warm");
    explore(tree, all, members <= 4 ? 3 : 2, visited);
    explore(tree, std::vector<LeafIndex>{{0}, {6}}, 5, visited);
    explore(tree, std::vector<LeafIndex>{{1}, {2}, {5}}, 3, visited);
  }
  CHECK(visited > 15'000);
}

TEST_CASE("random groups of the product suite agree on tree and secrets, and a joiner accepts each tree") {
  for (uint64_t seed : {1U, 2U, 3U}) {
    INFO("seed " << seed);
    TreeScene scene(crypto::kProductSuite, seed);
    scene.commit({0}, {.adds = 7});
    for (int step = 0; step < 12; ++step) {
      LeafIndex committer = scene.anyMember();
      TreeChange change;
      change.adds = static_cast<uint32_t>(scene.random.below(scene.members.size() < 48 ? 16 : 2));
      for (uint64_t i = scene.random.below(4); i > 0; --i) {
        LeafIndex index = scene.anyMember();
        bool touched = index == committer || std::ranges::contains(change.removes, index) ||
                       std::ranges::contains(change.updates, index);
        if (!touched) (scene.random.below(2) ? change.removes : change.updates).push_back(index);
      }
      scene.commit(committer, change);
      if (step % 3 == 2) {
        checkAgainstScratch(scene.tree);
        RatchetTree joined = RatchetTree::fromNodes(scene.suite, scene.tree.nodes()).value();
        CHECK(validateTree(joined, scene.context()).has_value());
        for (auto& [index, member] : scene.members) CHECK(member.keys.check(scene.tree).has_value());
      }
    }
    CHECK(scene.members.size() >= 8);
    CHECK(scene.members.size() <= 64);
  }
}

}  // namespace
}  // namespace qpq::mls
