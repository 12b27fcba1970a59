#include "wire/logs/merkle.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::refusal;

std::vector<Hash> leaves(std::size_t count) {
  std::vector<Hash> hashes;
  for (std::size_t i = 0; i < count; ++i) hashes.push_back(merkleLeaf(Bytes{static_cast<uint8_t>(i)}));
  return hashes;
}

TEST_CASE("trees of one to nine leaves have the roots another program computed") {
  std::string_view roots[] = {"96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
                              "a20bf9a7cc2dc8a08f5f415a71b19f6ac427bab54d24eec868b5d3103449953a",
                              "3b6cccd7e3e023ff393006f030315ee7ad9eb111b022b41fba7e5b7a3973f688",
                              "9bcd51240af4005168f033121ba85be5a6ed4f0e6a5fac262066729b8fbfdecb",
                              "b855b42d6c30f5b087e05266783fbd6e394f7b926013ccaa67700a8b0c5a596f",
                              "bb36e7d3d4cee5720cbd323d02fab15962e2ba1dadf5f8fc6eeef4fd6ad056a8",
                              "3560191803028444b232018ac047fdb561c09c23a7a6876c85e08b5e4d48e9f3",
                              "ef7f49b620f6c7ea9b963a214da34b5021c6ded8ed57734380a311ab726aa907",
                              "162a21c2230e0284ea38cb8739ee4bb75947a1acd5d529c638ec068969fb3c4a"};
  for (std::size_t size = 1; size <= 9; ++size) CHECK(toHex(MerkleTree(leaves(size)).root()) == roots[size - 1]);
}

TEST_CASE("in every tree up to 70 leaves, each leaf's path leads to the root, from its own index and size only") {
  for (uint32_t size = 1; size <= 70; ++size) {
    auto hashes = leaves(size);
    MerkleTree tree(hashes);
    for (uint32_t index = 0; index < size; ++index) {
      auto path = tree.path(index);
      CHECK(merkleRoot(hashes[index], index, size, path) == tree.root());
      for (uint32_t other = 0; other < size + 2; ++other) {
        if (other != index) CHECK(merkleRoot(hashes[index], other, size, path) != tree.root());
      }
    }
  }
}

TEST_CASE("a path of another length belongs to no such leaf") {
  for (uint32_t size = 1; size <= 33; ++size) {
    auto hashes = leaves(size);
    MerkleTree tree(hashes);
    for (uint32_t index = 0; index < size; ++index) {
      auto path = tree.path(index);
      path.push_back(Hash{});
      CHECK(refusal(merkleRoot(hashes[index], index, size, path)) == ErrorCode::badMerklePath);
      path.pop_back();
      if (path.empty()) continue;
      path.pop_back();
      CHECK(refusal(merkleRoot(hashes[index], index, size, path)) == ErrorCode::badMerklePath);
    }
  }
}

TEST_CASE("an index outside the tree has no root") {
  CHECK(refusal(merkleRoot(Hash{}, 0, 0, {})) == ErrorCode::badMerklePath);
  CHECK(refusal(merkleRoot(Hash{}, 1, 1, {})) == ErrorCode::badMerklePath);
  CHECK(refusal(merkleRoot(Hash{}, UINT32_MAX, UINT32_MAX, {})) == ErrorCode::badMerklePath);
}

TEST_CASE("the largest tree there can be has paths of 32 steps") {
  std::vector<Hash> path(32);
  CHECK(merkleRoot(Hash{}, 0, UINT32_MAX, path));
  path.push_back(Hash{});
  CHECK(refusal(merkleRoot(Hash{}, 0, UINT32_MAX, path)) == ErrorCode::badMerklePath);
}

TEST_CASE("a node cannot pass for a leaf") {
  auto hashes = leaves(2);
  Hash root = MerkleTree(hashes).root();
  CHECK(merkleLeaf(concat({hashes[0], hashes[1]})) != root);
}

}  // namespace
}  // namespace qpq::wire
