#include "mls/tree/key_set.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/tree/tree_scene_test.h"

namespace qpq::mls {
namespace {

Bytes key(std::string_view digits) { return fromHex(digits).value(); }

TEST_CASE("a prefix sorts as the key does") {
  CHECK(keyPrefix({}) == 0);
  CHECK(keyPrefix(key("01")) == uint64_t{1} << 56);
  CHECK(keyPrefix(key("0102030405060708")) == 0x0102'0304'0506'0708);
  CHECK(keyPrefix(key("0102030405060708ff")) == 0x0102'0304'0506'0708);
}

TEST_CASE("a key clashes with an equal one of another owner, and with no other") {
  // The last three have one prefix, one of them is a part of another.
  std::vector<Bytes> keys{key("00"),
                          key("0000"),
                          key("ff01"),
                          key("04aaaaaaaaaaaaaa01"),
                          key("04aaaaaaaaaaaaaa02"),
                          key("04aaaaaaaaaaaaaa")};
  std::vector<KeySet::OwnedKey> owned;
  for (uint32_t i = 0; i < keys.size(); ++i) owned.push_back({keys[i], {i}});
  KeySet set(owned);
  CHECK_FALSE(set.duplicate());
  for (uint32_t i = 0; i < keys.size(); ++i) {
    INFO("key " << i);
    CHECK(set.mayHold(keyMark(keys[i])));
    CHECK_FALSE(set.clashes(keys[i], {i}));
    CHECK(set.clashes(keys[i], {i + 1}));
  }
  for (std::string_view other : {"", "01", "000000", "04aaaaaaaaaaaaaa03", "04aaaaaaaaaaaaaa0100"}) {
    CHECK_FALSE(set.clashes(key(other), kNobody));
  }
  CHECK_FALSE(KeySet().clashes(keys[0], kNobody));
  CHECK_FALSE(KeySet().mayHold(0));
}

TEST_CASE("of two owners of one key the later is named, and one owner may name its key twice") {
  Bytes shared = key("aa"), other = key("ab");
  CHECK(KeySet({{shared, {7}}, {other, {1}}, {shared, {3}}}).duplicate() == NodeIndex{7});
  CHECK_FALSE(KeySet({{shared, {7}}, {other, {1}}, {shared, {7}}}).duplicate());
}

TEST_CASE("a tree finds the nodes whose keys clash, from left to right, the signature key first") {
  TreeScene scene(crypto::kSuiteX25519, 31);
  scene.commit({0}, {.adds = 6});
  scene.commit({3});
  auto& tree = scene.tree;
  std::vector<std::pair<NodeIndex, KeyKind>> found;
  auto collect = [&](NodeIndex at, KeyKind kind) { found.emplace_back(at, kind); };
  auto root = tree.root();
  auto leaf = [&](uint32_t index) { return *tree.leafView({index}); };
  KeySet encryption({{leaf(2).encryptionKey()}, {*tree.encryptionKey(root)}, {leaf(5).encryptionKey(), {10}}});
  KeySet signature({{leaf(2).signatureKey()}, {leaf(6).signatureKey()}});
  tree.findKeys(encryption, signature, collect);
  CHECK(found == std::vector<std::pair<NodeIndex, KeyKind>>{{{4}, KeyKind::signature},
                                                            {{4}, KeyKind::encryption},
                                                            {root, KeyKind::encryption},
                                                            {{12}, KeyKind::signature}});
  found.clear();
  // The old keys are no longer there.
  Bytes before = tree.leaf({2})->encryptionKey;
  scene.commit({2});
  scene.tree.findKeys(KeySet({{before}}), {}, collect);
  CHECK(found.empty());
}

TEST_CASE("a tree knows whether every member supports every credential type in use") {
  TreeScene scene(crypto::kSuiteX25519, 32);
  scene.commit({0}, {.adds = 4});
  CHECK(scene.tree.credentialsFit());
  RatchetTree tree = scene.tree;
  LeafNode certified = *tree.leaf({1});
  certified.credential = {X509Credential{}};
  tree.update({1}, certified).value();
  CHECK_FALSE(tree.credentialsFit());
  CHECK(scene.tree.credentialsFit());
  tree.remove({1}).value();
  CHECK(tree.credentialsFit());
  LeafNode poor = *tree.leaf({2});
  poor.capabilities.credentials.clear();
  tree.update({2}, poor).value();
  CHECK_FALSE(tree.credentialsFit());
}

TEST_CASE("a tree encodes as the list of its nodes does") {
  TreeScene scene(crypto::kSuiteX25519, 33);
  auto same = [&] { return scene.tree.encodedNodes() == encode(scene.tree.nodes()); };
  CHECK(same());
  for (uint32_t adds : {1U, 1U, 7U, 20U}) {
    scene.commit({0}, {.adds = adds});
    CHECK(same());
  }
  scene.commit({4}, {.removes = {{1}, {2}, {3}, {9}, {29}}});
  CHECK(same());
}

}  // namespace
}  // namespace qpq::mls
