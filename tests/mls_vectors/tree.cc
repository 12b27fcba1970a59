#include "mls/message/proposal.h"
#include "mls/message/ratchet_tree.h"
#include "mls/tree/math.h"
#include "mls/tree/parent_hash.h"
#include "mls/tree/ratchet_tree.h"
#include "mls/tree/validate.h"
#include "mls_vectors/checks.h"
#include "mls_vectors/expect.h"

namespace qpq::mls::vectors {

using test::Json;

namespace {

void expectNode(const Json& expected, std::optional<NodeIndex> found, std::string_view what) {
  bool same = expected.isNull() ? !found : found && found->value == expected.number();
  expect(same, what);
}

void apply(RatchetTree& tree, const Proposal& proposal, LeafIndex sender) {
  if (const auto* add = proposal.as<Add>()) {
    must(tree.add(add->keyPackage.leafNode), "the Add");
  } else if (const auto* update = proposal.as<Update>()) {
    must(tree.update(sender, update->leafNode), "the Update");
  } else if (const auto* remove = proposal.as<Remove>()) {
    must(tree.remove(remove->removed), "the Remove");
  } else {
    failed("proposal does not change the tree");
  }
}

}  // namespace

void checkTreeMath(const Json& vector) {
  uint32_t leaves = number32(vector["n_leaves"]);
  expect(leaves != 0 && leaves <= kTreeLeavesMax && (leaves & (leaves - 1)) == 0, "n_leaves is no power of two");
  expect(nodeCount(leaves) == vector["n_nodes"].number(), "n_nodes differs");
  expect(root(leaves).value == vector["root"].number(), "root differs");
  for (std::string_view list : {"left", "right", "parent", "sibling"}) {
    expect(vector[list].size() == nodeCount(leaves), "a list has another length than n_nodes");
  }
  for (uint32_t i = 0; i < nodeCount(leaves); ++i) {
    expectNode(vector["left"].at(i), left({i}), "left differs");
    expectNode(vector["right"].at(i), right({i}), "right differs");
    expectNode(vector["parent"].at(i), parent({i}, leaves), "parent differs");
    expectNode(vector["sibling"].at(i), sibling({i}, leaves), "sibling differs");
  }
}

void checkTreeOperations(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  RatchetTree tree =
      must(RatchetTree::fromNodes(suite, decoded<RatchetTreeNodes>(vector, "tree_before")), "tree_before");
  expectEqual(tree.treeHash(), vector["tree_hash_before"].hex(), "tree_hash_before");
  const RatchetTree before = tree;
  apply(tree, decoded<Proposal>(vector, "proposal"), {number32(vector["proposal_sender"])});
  expectEqual(encode(tree.nodes()), vector["tree_after"].hex(), "tree_after");
  expectEqual(tree.treeHash(), vector["tree_hash_after"].hex(), "tree_hash_after");
  expectEqual(before.treeHash(), vector["tree_hash_before"].hex(), "the copy made before the proposal");
}

void checkTreeValidation(const Json& vector) {
  const crypto::Suite& suite = suiteOf(vector);
  RatchetTree tree = must(RatchetTree::fromNodes(suite, decoded<RatchetTreeNodes>(vector, "tree")), "tree");
  expectEqual(encode(tree.nodes()), vector["tree"].hex(), "tree");
  uint32_t nodes = nodeCount(tree.leafCount());
  expect(vector["resolutions"].size() == nodes && vector["tree_hashes"].size() == nodes, "the number of nodes differs");
  for (uint32_t i = 0; i < nodes; ++i) {
    std::vector<NodeIndex> resolution;
    for (const Json& node : vector["resolutions"].at(i).items()) resolution.push_back({number32(node)});
    expect(tree.resolution({i}) == resolution, "a resolution differs");
    expectEqual(tree.treeHash(NodeIndex{i}), vector["tree_hashes"].at(i).hex(), "a tree hash");
  }
  must(verifyParentHashes(tree), "the parent hashes");
  GroupContext context{.cipherSuite = CipherSuiteId{suite.id},
                       .groupId = vector["group_id"].hex(),
                       .treeHash = toBytes(tree.treeHash())};
  must(validateTree(tree, context), "the tree");
}

}  // namespace qpq::mls::vectors
