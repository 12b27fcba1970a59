#include "wire/inside/utf8.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::wire {
namespace {

bool isUtf8Hex(std::string_view hex) { return isUtf8(*fromHex(hex)); }

// RFC 3629 §3, written down a second way: encode every character there is.
Bytes encoded(uint32_t character) {
  auto tail = [&](int shift) { return static_cast<uint8_t>(0x80 | ((character >> shift) & 0x3f)); };
  if (character < 0x80) return {static_cast<uint8_t>(character)};
  if (character < 0x800) return {static_cast<uint8_t>(0xc0 | character >> 6), tail(0)};
  if (character < 0x1'0000) return {static_cast<uint8_t>(0xe0 | character >> 12), tail(6), tail(0)};
  return {static_cast<uint8_t>(0xf0 | character >> 18), tail(12), tail(6), tail(0)};
}

TEST_CASE("every Unicode character is UTF-8, and surrogates and what lies beyond are none") {
  std::size_t wrong = 0;
  for (uint32_t character = 0; character < 0x20'0000; ++character) {
    bool isCharacter = character < 0x11'0000 && (character < 0xd800 || character > 0xdfff);
    if (isUtf8(encoded(character)) != isCharacter) ++wrong;
  }
  CHECK(wrong == 0);
}

TEST_CASE("of all strings of one and two bytes only the shortest forms are UTF-8") {
  std::size_t one = 0;
  std::size_t two = 0;
  for (int a = 0; a < 256; ++a) {
    if (isUtf8(Bytes{static_cast<uint8_t>(a)})) ++one;
    for (int b = 0; b < 256; ++b) {
      if (isUtf8(Bytes{static_cast<uint8_t>(a), static_cast<uint8_t>(b)})) ++two;
    }
  }
  CHECK(one == 128);
  CHECK(two == 128 * 128 + (0x800 - 0x80));
}

TEST_CASE("long forms, cut characters and strays are refused wherever they stand") {
  CHECK(isUtf8({}));
  CHECK(isUtf8Hex("c3bc20e29895f09f8dba"));
  for (std::string_view bad :
       {"c080",     "e08080",     "e09fbf",   "f0808080", "f08fbfbf", "eda080",  "edbfbf", "f4908080",
        "f5808080", "f888808080", "80",       "bf",       "c3",       "e298",    "f09f8d", "fe",
        "ff",       "e29820",     "f09f8d20", "c320",     "e2c3bc",   "f0c3bc20"}) {
    INFO(bad);
    CHECK_FALSE(isUtf8Hex(bad));
    CHECK_FALSE(isUtf8(concat({asBytes("tea "), *fromHex(bad), asBytes(" time")})));
  }
}

}  // namespace
}  // namespace qpq::wire
