#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace qpq::command {

struct CodePoint {
  char32_t value;
  std::size_t size;  // bytes it took; 1 for a byte that begins nothing valid
  bool valid;
};

// The first code point of a non-empty text. Overlong forms, surrogates and values above U+10FFFF are not valid.
CodePoint firstCodePoint(std::string_view text);

void appendUtf8(std::string& out, char32_t value);

}  // namespace qpq::command
