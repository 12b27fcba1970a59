#include "opaque/ksf.h"

#include <catch2/catch_test_macros.hpp>
#include <string_view>

#include "opaque/testing.h"

namespace qpq::opaque {
namespace {

using crypto::Argon2Cost;
using crypto::kArgon2CostMax;
using crypto::kArgon2CostMin;
using crypto::kArgon2CostTest;

TEST_CASE("a shipped client takes the least cost, the greatest, and nothing beyond either in any parameter") {
  CHECK(Argon2id::make(kArgon2CostMin)->cost() == kArgon2CostMin);
  CHECK(Argon2id::make(kArgon2CostMax)->cost() == kArgon2CostMax);
  auto [memory, passes, lanes] = kArgon2CostMin;
  for (Argon2Cost cheap : {Argon2Cost{memory - 1, passes, lanes}, Argon2Cost{memory, passes - 1, lanes},
                           Argon2Cost{memory, passes, lanes - 1}, Argon2Cost{2 * memory, passes, 1}, kArgon2CostTest,
                           Argon2Cost{0, 0, 0}}) {
    INFO(cheap.memoryKib << "/" << cheap.passes << "/" << cheap.lanes);
    CHECK(Argon2id::make(cheap).error() == Error::costRefused);
  }
  auto [memoryMax, passesMax, lanesMax] = kArgon2CostMax;
  for (Argon2Cost dear : {Argon2Cost{memoryMax + 1, passes, lanes}, Argon2Cost{memory, passesMax + 1, lanes},
                          Argon2Cost{memory, passes, lanesMax + 1}, Argon2Cost{UINT32_MAX, UINT32_MAX, UINT32_MAX}}) {
    INFO(dear.memoryKib << "/" << dear.passes << "/" << dear.lanes);
    CHECK(Argon2id::make(dear).error() == Error::costRefused);
    CHECK(Argon2id::make(dear, {.costMin = kArgon2CostTest}).error() == Error::costRefused);
  }
}

TEST_CASE("a policy that says so lowers the floor, and not further than it says") {
  Policy policy{.costMin = kArgon2CostTest};
  CHECK(Argon2id::make(kArgon2CostTest, policy).has_value());
  CHECK(Argon2id::make({kArgon2CostTest.memoryKib - 1, 1, 1}, policy).error() == Error::costRefused);
}

TEST_CASE("a cost Argon2 itself does not know is refused when used, whatever the policy") {
  Policy none{.costMin = {0, 0, 0}};
  for (Argon2Cost cost : {Argon2Cost{8, 0, 1}, Argon2Cost{8, 1, 0}, Argon2Cost{8, 1, 2}}) {
    CHECK(Argon2id::make(cost, none)->stretch(Key()).error() == Error::costRefused);
  }
}

TEST_CASE("stretching is Argon2id with sixteen zeros for salt and 64 bytes of output") {
  Key input(std::span<const uint8_t, 64>(ByteArray<64>{1, 2, 3}));
  auto stretched = testing::testKsf().stretch(input);
  REQUIRE(stretched.has_value());
  auto expected = crypto::argon2id(input.expose(), ByteArray<16>{}, kArgon2CostTest, 64);
  CHECK(constantTimeEqual(stretched->expose(), expected->expose()));
}

}  // namespace
}  // namespace qpq::opaque
