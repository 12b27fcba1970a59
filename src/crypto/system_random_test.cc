#include "crypto/system_random.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>

namespace qpq::crypto {
namespace {

TEST_CASE("the system's randomness differs from call to call and fills all it is given") {
  SystemRandom random;
  CHECK(random.bytes<32>() != random.bytes<32>());
  Bytes large(100'000);
  random.fill(large);
  // The chance that any 32 bytes in a row stay zero is 2^-240 or so.
  CHECK(std::ranges::search_n(large, 32, uint8_t{0}).empty());
  random.fill({});
}

}  // namespace
}  // namespace qpq::crypto
