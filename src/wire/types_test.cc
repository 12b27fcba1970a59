#include "wire/types.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

TEST_CASE("a claim and a roster entry have their golden bytes") {
  sample::checkGolden(Claim{.seq = 258, .head = sample::hash(0x61)},
                      "0000000000000102"
                      "6161616161616161616161616161616161616161616161616161616161616161");
  sample::checkGolden(sample::entry(1, 2),
                      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
                      "d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2");
}

TEST_CASE("there is version 1 and no other") {
  CHECK(decode<Version>(Bytes{1}) == Version::one);
  for (int value = 0; value < 256; ++value) {
    if (value == 1) continue;
    CHECK(decode<Version>(Bytes{static_cast<uint8_t>(value)}).error().code == DecodeError::Code::unknownValue);
  }
}

}  // namespace
}  // namespace qpq::wire
