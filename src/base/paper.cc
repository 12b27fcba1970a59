#include "base/paper.h"

#include <string_view>

namespace qpq {

namespace {

constexpr std::string_view kAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
constexpr std::size_t kGroup = 5;
constexpr std::size_t kBits = 5;

}  // namespace

SecretBytes toPaper(ByteView bytes) {
  std::size_t letters = bytes.size() * 8 / kBits;
  SecretBytes text(letters == 0 ? 0 : letters + (letters - 1) / kGroup);
  ByteSpan out = text.writable();
  std::size_t at = 0;
  for (std::size_t i = 0; i < letters; ++i) {
    if (i > 0 && i % kGroup == 0) out[at++] = '-';
    std::size_t bit = i * kBits;
    unsigned pair = unsigned{bytes[bit / 8]} << 8;
    if (bit / 8 + 1 < bytes.size()) pair |= bytes[bit / 8 + 1];
    out[at++] = static_cast<uint8_t>(kAlphabet[pair >> (11 - bit % 8) & 31]);
  }
  return text;
}

std::optional<char> paperLetter(char typed) {
  char letter = typed >= 'a' && typed <= 'z' ? static_cast<char>(typed - ('a' - 'A')) : typed;
  if (letter == 'O') letter = '0';
  if (letter == 'I' || letter == 'L') letter = '1';
  if (!kAlphabet.contains(letter)) return std::nullopt;
  return letter;
}

std::optional<SecretBytes> fromPaper(ByteView text) {
  WipedBuffer bytes;
  bytes.reserve(text.size() * kBits / 8);
  unsigned held = 0;
  std::size_t bits = 0;
  for (uint8_t typed : text) {
    if (typed == '-' || typed == ' ') continue;
    auto letter = paperLetter(static_cast<char>(typed));
    if (!letter) return std::nullopt;
    held = (held << kBits | static_cast<unsigned>(kAlphabet.find(*letter))) & 0xfff;
    bits += kBits;
    if (bits < 8) continue;
    bits -= 8;
    bytes.push_back(static_cast<uint8_t>(held >> bits));
  }
  if (bits != 0) return std::nullopt;
  return SecretBytes(std::move(bytes));
}

}  // namespace qpq
