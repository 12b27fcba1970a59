#include <malloc.h>

#include <catch2/catch_test_macros.hpp>

#include "mls/tree/parent_hash.h"
#include "mls/tree/ratchet_tree.h"

// What a tree keeps in memory. The counts are the allocator's and so the same in every run; under a sanitizer, which
// has an allocator of its own, they are zero and say nothing.
namespace qpq::mls {
namespace {

const crypto::Suite& kPlain = crypto::kSuiteX25519;
constexpr uint32_t kMembers = 1000;

std::size_t heapInUse() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

// As large as the leaf of a member who has committed.
LeafNode leafOf(uint32_t index, uint8_t generation) {
  Bytes key = crypto::hash(crypto::HashId::sha256, asBytes(std::to_string(index) + '.' + std::to_string(generation)));
  return {.encryptionKey = key,
          .signatureKey = key,
          .credential = {BasicCredential{toBytes(asBytes("member " + std::to_string(index)))}},
          .capabilities = {.versions = {ProtocolVersion::mls10},
                           .cipherSuites = {CipherSuiteId{kPlain.id}},
                           .credentials = {CredentialType::basic}},
          .source = {CommitParentHash{Bytes(32, generation)}},
          .signature = Bytes(64, generation)};
}

void commit(RatchetTree& tree, uint32_t index, uint8_t generation) {
  std::vector<HPKEPublicKey> keys;
  for (PathStep step : tree.filteredDirectPath({index})) {
    keys.push_back(leafOf(step.node.value + kMembers, generation).encryptionKey);
  }
  tree.setPath({index}, leafOf(index, generation), parentsOfPath(tree, {index}, std::move(keys)).parents);
}

RatchetTree warmTree() {
  RatchetTree tree(kPlain, leafOf(0, 1));
  for (uint32_t i = 1; i < kMembers; ++i) tree.add(leafOf(i, 1)).value();
  for (uint32_t i = 0; i < kMembers; ++i) commit(tree, i, 2);
  (void)tree.treeHash();
  return tree;
}

TEST_CASE("a tree of a thousand who have all committed takes less than 0.5 MB, and little more than its encoding") {
  const RatchetTreeNodes nodes = warmTree().nodes();
  std::size_t before = heapInUse();
  RatchetTree tree = RatchetTree::fromNodes(kPlain, nodes).value();
  (void)tree.treeHash();
  std::size_t taken = heapInUse() - before;
  CHECK(tree.memberCount() == kMembers);
  CHECK(tree.present().size() == 2 * kMembers - 1);
  CHECK(taken < 460'000);
  CHECK(taken < 2 * tree.encodedNodes().size());
}

TEST_CASE("a tree beside another in which one member has committed takes the memory of that member's path") {
  RatchetTree tree = warmTree();
  std::size_t before = heapInUse();
  RatchetTree next = tree;
  commit(next, 500, 3);
  (void)next.treeHash();
  CHECK(heapInUse() - before < 8'000);
  CHECK(next.changedSince(tree).size() == 11);
}

}  // namespace
}  // namespace qpq::mls
