#include "mls/schedule/exporter_tree.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

const crypto::Suite& kSuite = crypto::kSuiteX25519;

ExporterTree tree() { return ExporterTree(kSuite, SecretBytes(Bytes(32, 7))); }

// The way down by the bits of the component's id, the highest first (RFC 9420 §9, 2^16 leaves).
std::string expected(uint16_t component) {
  SecretBytes secret(Bytes(32, 7));
  for (int bit = 15; bit >= 0; --bit) {
    secret = expandWithLabel(kSuite, secret.expose(), "tree", asBytes(component >> bit & 1 ? "right" : "left"), 32);
  }
  return toHex(secret.expose());
}

std::string take(ExporterTree& tree, uint16_t component) {
  return toHex(tree.take(ComponentId{component}).value().secret.expose());
}

TEST_CASE("each component has the secret of its leaf, whatever was taken before it") {
  ExporterTree first = tree();
  ExporterTree second = tree();
  for (uint16_t component : std::initializer_list<uint16_t>{0, 1, 2, 3, 0x7fff, 0x8000, 0xfffe, 0xffff}) {
    CHECK(take(first, component) == expected(component));
  }
  for (uint16_t component : std::initializer_list<uint16_t>{0xffff, 3, 0x8000, 0})
    CHECK(take(second, component) == expected(component));
}

TEST_CASE("a secret is given out once, and nothing is kept that would give it again") {
  ExporterTree exporters = tree();
  for (uint16_t component : std::initializer_list<uint16_t>{5, 6, 5, 7}) {
    auto taken = exporters.take(ComponentId{component});
    if (component == 5 && !taken) {
      CHECK(taken.error() == Error(ErrorCode::secretExported, 5));
      continue;
    }
    REQUIRE(taken);
    // None of the nodes that stay lies above the leaf.
    for (const RecordKey& key : exporters.keys()) {
      uint32_t leaf = 2U * component;
      uint32_t span = (key.a & ~(key.a + 1)) + 1;  // how far a node reaches to either side
      CHECK((leaf + span <= key.a || leaf >= key.a + span));
    }
  }
  CHECK(exporters.take(ComponentId{7}).error() == Error(ErrorCode::secretExported, 7));
}

TEST_CASE("the changes of a tree add up to it, and it comes back from its records") {
  ExporterTree exporters = tree();
  std::map<RecordKey, std::string> records;
  for (const RecordKey& key : exporters.keys()) records[key] = toHex(exporters.record(key)->expose());
  for (uint16_t component : std::initializer_list<uint16_t>{9, 10, 0xf000}) {
    auto taken = exporters.take(ComponentId{component});
    REQUIRE(taken);
    for (const RecordKey& key : taken->changed) {
      if (auto value = exporters.record(key)) {
        records[key] = toHex(value->expose());
      } else {
        records.erase(key);
      }
    }
    std::map<RecordKey, std::string> all;
    for (const RecordKey& key : exporters.keys()) all[key] = toHex(exporters.record(key)->expose());
    CHECK(records == all);
  }
  ExporterTree again(kSuite, {});
  for (const RecordKey& key : exporters.keys()) again.restore(key, exporters.record(key)->expose());
  CHECK(take(again, 11) == expected(11));
  CHECK(again.take(ComponentId{9}).error().code == ErrorCode::secretExported);
  CHECK(ExporterTree().take(ComponentId{1}).error() == Error(ErrorCode::secretExported, 1));
}

}  // namespace
}  // namespace qpq::mls
