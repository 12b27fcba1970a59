#include "client/profile/key_slot.h"

#include <catch2/catch_test_macros.hpp>

#include "support/seeded_random.h"

namespace qpq::client::profile {

namespace {

SecretBytes passphrase(std::string_view text) { return SecretBytes(asBytes(text)); }

Bytes slotOf(const DataKey& key, std::string_view text) {
  test::SeededRandom random(1);
  return sealDataKey(key, passphrase(text), crypto::kArgon2CostTest, random).value();
}

}  // namespace

TEST_CASE("a data key comes back under its passphrase and no other") {
  test::SeededRandom random(2);
  DataKey key = random.secret<32>();
  Bytes slot = slotOf(key, "correct horse");
  CHECK(slot.size() == kKeySlotSize);
  auto opened = openDataKey(slot, passphrase("correct horse"));
  REQUIRE(opened);
  CHECK(constantTimeEqual(opened->expose(), key.expose()));
  CHECK(openDataKey(slot, passphrase("correct horsf")).error().code == ErrorCode::wrongPassphrase);
  test::SeededRandom more(3);
  CHECK(sealDataKey(key, passphrase(""), crypto::kArgon2CostTest, more).error().code == ErrorCode::badInput);
  CHECK(openDataKey(slot, passphrase("")).error().code == ErrorCode::wrongPassphrase);
}

TEST_CASE("a slot with any byte changed, cut short or prolonged opens nothing") {
  Bytes slot = slotOf(DataKey{}, "x");
  for (std::size_t i = 0; i < slot.size(); ++i) {
    // The high bytes of the cost would ask for more memory than is allowed, which is refused before it is spent.
    Bytes changed = slot;
    changed[i] ^= i == 8 ? 1 : 0x40;
    CHECK_FALSE(openDataKey(changed, passphrase("x")));
  }
  Bytes longer = slot;
  longer.push_back(0);
  CHECK(openDataKey(longer, passphrase("x")).error().code == ErrorCode::profileCorrupt);
  for (std::size_t size = 0; size < slot.size(); ++size) {
    CHECK(openDataKey(ByteView(slot).first(size), passphrase("x")).error().code == ErrorCode::profileCorrupt);
  }
}

TEST_CASE("a slot of a later version says so") {
  Bytes slot = slotOf(DataKey{}, "x");
  slot[8] = 2;
  CHECK(openDataKey(slot, passphrase("x")).error().code == ErrorCode::profileTooNew);
}

}  // namespace qpq::client::profile
