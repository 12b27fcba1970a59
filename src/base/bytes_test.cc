#include "base/bytes.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq {
namespace {

TEST_CASE("hex goes both ways and refuses what is not hex") {
  CHECK(toHex(Bytes{0x00, 0xab, 0xff}) == "00abff");
  CHECK(fromHex("00ABff") == Bytes{0x00, 0xab, 0xff});
  CHECK(fromHex("") == Bytes{});
  CHECK_FALSE(fromHex("0").has_value());
  CHECK_FALSE(fromHex("0g").has_value());
  CHECK_FALSE(fromHex(" 0").has_value());
}

TEST_CASE("parts are joined in order") { CHECK(concat({asBytes("ab"), {}, asBytes("c")}) == toBytes(asBytes("abc"))); }

}  // namespace
}  // namespace qpq
