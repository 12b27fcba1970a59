#include "mls/schedule/secret_tree.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "mls/framing/private_message.h"
#include "support/seeded_random.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteX25519;
using crypto::kSuiteXWing;
using test::SeededRandom;

constexpr RatchetWindow kWindow{.forwardStepsMax = 2000, .skippedKeysMax = 64};
constexpr auto kApplication = RatchetType::application;
constexpr auto kHandshake = RatchetType::handshake;

SecretTree sample(uint32_t leafCount = 8) {
  SeededRandom random(4);
  SecretBytes secret(48);
  random.fill(secret.writable());
  return {kSuiteXWing, leafCount, std::move(secret)};
}

std::string hex(const AeadKey& key) { return toHex(key.key.expose()) + toHex(key.nonce.expose()); }

std::map<RecordKey, Bytes> saved(const SecretTree& tree) {
  std::map<RecordKey, Bytes> records;
  for (const RecordKey& key : tree.keys()) records[key] = toBytes(tree.record(key).value().expose());
  return records;
}

SecretTree loaded(const std::map<RecordKey, Bytes>& records, uint32_t leafCount = 8) {
  SecretTree tree(kSuiteXWing, leafCount, {});
  for (const auto& [key, value] : records) REQUIRE(tree.restore(key, value));
  return tree;
}

Result<std::string> take(SecretTree& tree, uint32_t leaf, RatchetType type, uint32_t generation,
                         RatchetWindow window = kWindow) {
  StagedKey staged = TRY(tree.stage({leaf}, type, {generation}, window));
  std::string key = hex(staged.key());
  tree.consume(std::move(staged), window);
  return key;
}

TEST_CASE("every key of an epoch is another one, and both ends derive the same") {
  SecretTree sender = sample();
  SecretTree receiver = sample();
  std::vector<std::string> keys;
  for (uint32_t leaf = 0; leaf < 8; ++leaf) {
    for (RatchetType type : {kApplication, kHandshake}) {
      for (uint32_t generation = 0; generation < 3; ++generation) {
        StagedKey sent = sender.stageNext({leaf}, type).value();
        CHECK(sent.generation() == Generation{generation});
        keys.push_back(hex(sent.key()));
        sender.consume(std::move(sent), kWindow);
        CHECK(take(receiver, leaf, type, generation) == keys.back());
      }
    }
  }
  std::ranges::sort(keys);
  CHECK(std::ranges::adjacent_find(keys) == keys.end());
}

TEST_CASE("staging changes nothing, however often") {
  SecretTree tree = sample();
  auto before = saved(tree);
  for (uint32_t generation : {0U, 5U, 2000U, 0U}) {
    CHECK(tree.stage({3}, kApplication, {generation}, kWindow));
    CHECK(tree.stageNext({3}, kHandshake));
    CHECK(saved(tree) == before);
  }
}

TEST_CASE("a generation opens one message: a replay finds no key") {
  SecretTree tree = sample();
  CHECK(take(tree, 1, kApplication, 2));
  CHECK(take(tree, 1, kApplication, 2).error() == Error(ErrorCode::generationUsed, 2));
  CHECK(take(tree, 1, kApplication, 0));
  CHECK(take(tree, 1, kApplication, 0).error() == Error(ErrorCode::generationUsed, 0));
  CHECK(take(tree, 1, kApplication, 1));
  CHECK(take(tree, 1, kApplication, 3));
}

// mlspp derived any number of keys before the signature was looked at.
TEST_CASE("a jump beyond the forward limit is refused before anything is derived") {
  SecretTree tree = sample();
  CHECK(take(tree, 1, kApplication, 2000));  // 2000 steps from generation 0
  CHECK(take(tree, 1, kApplication, 4001));
  auto before = saved(tree);
  CHECK(take(tree, 1, kApplication, 6003).error() == Error(ErrorCode::generationTooFar, 6003));
  CHECK(take(tree, 1, kApplication, 0xfffffffe).error() == Error(ErrorCode::generationTooFar, 0xfffffffe));
  CHECK(take(tree, 1, kApplication, 0xffffffff).error() == Error(ErrorCode::generationsSpent, 0xffffffff));
  CHECK(take(tree, 2, kApplication, 2001).error() == Error(ErrorCode::generationTooFar, 2001));
  CHECK(saved(tree) == before);
  RatchetWindow grown{.forwardStepsMax = 2001, .skippedKeysMax = 64};
  CHECK(take(tree, 1, kApplication, 6003, grown));
}

TEST_CASE("the window keeps the newest overtaken keys and no more") {
  SecretTree tree = sample();
  CHECK(take(tree, 1, kApplication, 100));
  CHECK(take(tree, 1, kApplication, 35).error() == Error(ErrorCode::generationUsed, 35));
  CHECK(take(tree, 1, kApplication, 36));
  CHECK(take(tree, 1, kApplication, 110));  // nine more were overtaken, eight of the oldest must go
  CHECK(take(tree, 1, kApplication, 44).error() == Error(ErrorCode::generationUsed, 44));
  CHECK(take(tree, 1, kApplication, 45));
  auto skipped =
      std::ranges::count_if(tree.keys(), [](const RecordKey& k) { return k.kind == RecordKind::skippedKey; });
  CHECK(skipped == 63);
}

TEST_CASE("a leaf outside the tree has no keys") {
  SecretTree tree = sample(4);
  CHECK(take(tree, 4, kApplication, 0).error() == Error(ErrorCode::unknownSender, 4));
  CHECK(take(tree, 0xffffffff, kApplication, 0).error() == Error(ErrorCode::unknownSender, 0xffffffff));
  SecretTree empty;
  CHECK_FALSE(empty.stageNext({0}, kApplication));
}

// RFC 9420 §9.2; mlspp kept every key it had sent with.
TEST_CASE("after a key was used, no record leads to it, and sending does not grow the state") {
  SecretTree tree = sample();
  std::size_t size = 0;
  for (int i = 0; i < 10'000; ++i) {
    StagedKey staged = tree.stageNext({5}, kApplication).value();
    Generation generation = staged.generation();
    auto changed = tree.consume(std::move(staged), kWindow);
    if (i == 0) size = tree.keys().size();
    if (i > 0) REQUIRE(changed == std::vector<RecordKey>{{RecordKind::ratchet, 5, 2}});
    if (i % 1000 == 0)
      CHECK(tree.stage({5}, kApplication, generation, kWindow).error().code == ErrorCode::generationUsed);
  }
  CHECK(tree.keys().size() == size);
  // The path above the sender's leaf is gone; what stays are its siblings.
  for (uint32_t node : {10U, 9U, 11U, 7U}) CHECK_FALSE(tree.record({RecordKind::treeSecret, node}));
  for (uint32_t node : {8U, 13U, 3U}) CHECK(tree.record({RecordKind::treeSecret, node}));
}

// Replays deleted a ratchet, an order of +2 corrupted one, reloaded state kept old keys.
TEST_CASE("fifty messages of three senders arrive in any order, with the state reloaded between them") {
  auto seed = GENERATE(1, 2, 3, 4);
  SeededRandom random(static_cast<uint64_t>(seed));
  struct Message {
    uint32_t leaf;
    uint32_t generation;
    std::string key;
  };
  std::vector<Message> messages;
  SecretTree sender = sample();
  for (uint32_t i = 0; i < 50; ++i) {
    for (uint32_t leaf : {0U, 3U, 6U}) {
      StagedKey staged = sender.stageNext({leaf}, kApplication).value();
      messages.push_back({leaf, staged.generation().value, hex(staged.key())});
      sender.consume(std::move(staged), kWindow);
    }
  }
  for (std::size_t i = messages.size(); i > 1; --i) std::swap(messages[i - 1], messages[random.below(i)]);
  SecretTree receiver = sample();
  auto records = saved(receiver);
  for (const Message& message : messages) {
    SecretTree reloaded = loaded(records);
    StagedKey staged = reloaded.stage({message.leaf}, kApplication, {message.generation}, kWindow).value();
    CHECK(hex(staged.key()) == message.key);
    for (const RecordKey& key : reloaded.consume(std::move(staged), kWindow)) {
      records.erase(key);
      if (auto value = reloaded.record(key)) records[key] = toBytes(value->expose());
    }
    REQUIRE(records == saved(reloaded));  // the named changes are all changes
    CHECK(reloaded.stage({message.leaf}, kApplication, {message.generation}, kWindow).error().code ==
          ErrorCode::generationUsed);
  }
}

TEST_CASE("a record of another form is refused") {
  auto records = saved([] {
    SecretTree tree = sample();
    CHECK(take(tree, 2, kApplication, 3));
    return tree;
  }());
  for (const auto& [key, value] : records) {
    SecretTree tree(kSuiteXWing, 8, {});
    CHECK_FALSE(tree.restore(key, ByteView(value).first(value.size() - 1)));
    Bytes longer = value;
    longer.push_back(0);
    CHECK_FALSE(tree.restore(key, longer));
  }
  SecretTree tree(kSuiteXWing, 8, {});
  CHECK_FALSE(tree.restore({RecordKind::ratchet, 8, 2}, Bytes(52)));
  CHECK_FALSE(tree.restore({RecordKind::ratchet, 7, 3}, Bytes(52)));
  CHECK_FALSE(tree.restore({RecordKind::skippedKey, 7, 2}, Bytes(44)));  // of a ratchet that is not there
}

// secret-tree.json, cipher suite 1, one leaf.
TEST_CASE("known answers of the secret tree") {
  SecretTree tree(kSuiteX25519, 1,
                  SecretBytes(*fromHex("d69fcc35969e94680461974bd26c7cda7594cbf45985c4bf668c3b3118b765ab")));
  CHECK(take(tree, 0, kApplication, 0) == "442e691710646617a21e41482d868a4ec76e37884536a9ce33fb3070");
  CHECK(take(tree, 0, kHandshake, 15) == "6121c93d8e92e76320087e5d646a3bf2961e5b73d62b72743b900c88");
}

}  // namespace
}  // namespace qpq::mls
