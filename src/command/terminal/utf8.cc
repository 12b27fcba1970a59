#include "command/terminal/utf8.h"

namespace qpq::command {

namespace {

constexpr char32_t kReplacement = 0xFFFD;

// How many bytes a lead byte announces, and the smallest value that needs so many; nothing for a byte that leads none.
struct Lead {
  std::size_t size;
  char32_t bits;
  char32_t minimum;
};

std::optional<Lead> leadOf(uint8_t byte) {
  if (byte < 0x80) return Lead{1, byte, 0};
  if (byte >= 0xC2 && byte < 0xE0) return Lead{2, byte & 0x1Fu, 0x80};
  if (byte >= 0xE0 && byte < 0xF0) return Lead{3, byte & 0x0Fu, 0x800};
  if (byte >= 0xF0 && byte < 0xF5) return Lead{4, byte & 0x07u, 0x10000};
  return std::nullopt;
}

}  // namespace

CodePoint firstCodePoint(std::string_view text) {
  constexpr CodePoint kInvalid{kReplacement, 1, false};
  auto lead = leadOf(static_cast<uint8_t>(text[0]));
  if (!lead || lead->size > text.size()) return kInvalid;
  char32_t value = lead->bits;
  for (std::size_t i = 1; i < lead->size; ++i) {
    auto byte = static_cast<uint8_t>(text[i]);
    if ((byte & 0xC0) != 0x80) return kInvalid;
    value = value << 6 | (byte & 0x3Fu);
  }
  bool surrogate = value >= 0xD800 && value < 0xE000;
  if (value < lead->minimum || value > 0x10FFFF || surrogate) return kInvalid;
  return {value, lead->size, true};
}

void appendUtf8(std::string& out, char32_t value) {
  auto byte = [&](char32_t bits) { out += static_cast<char>(static_cast<uint8_t>(bits)); };
  if (value < 0x80) {
    byte(value);
  } else if (value < 0x800) {
    byte(0xC0 | value >> 6);
    byte(0x80 | (value & 0x3F));
  } else if (value < 0x10000) {
    byte(0xE0 | value >> 12);
    byte(0x80 | (value >> 6 & 0x3F));
    byte(0x80 | (value & 0x3F));
  } else {
    byte(0xF0 | value >> 18);
    byte(0x80 | (value >> 12 & 0x3F));
    byte(0x80 | (value >> 6 & 0x3F));
    byte(0x80 | (value & 0x3F));
  }
}

}  // namespace qpq::command
