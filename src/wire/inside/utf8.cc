#include "wire/inside/utf8.h"

#include <cstddef>
#include <cstdint>

namespace qpq::wire {

namespace {

// RFC 3629 §4: what the first byte says of the rest. The second byte has its own range, which keeps out long forms
// (E0, F0), surrogates (ED) and what lies above U+10FFFF (F4).
struct Form {
  std::size_t size;  // 0: no character begins with this byte
  uint8_t secondMin = 0x80;
  uint8_t secondMax = 0xbf;
};

Form formOf(uint8_t first) {
  if (first < 0x80) return {1};
  if (first < 0xc2) return {0};
  if (first < 0xe0) return {2};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first < 0xf0) return {3};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first < 0xf4) return {4};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0};
}

bool isContinuation(uint8_t byte) { return (byte & 0xc0) == 0x80; }

}  // namespace

bool isUtf8(ByteView text) {
  for (std::size_t i = 0; i < text.size();) {
    Form form = formOf(text[i]);
    if (form.size == 0 || form.size > text.size() - i) return false;
    if (form.size > 1 && (text[i + 1] < form.secondMin || text[i + 1] > form.secondMax)) return false;
    for (std::size_t k = 2; k < form.size; ++k) {
      if (!isContinuation(text[i + k])) return false;
    }
    i += form.size;
  }
  return true;
}

}  // namespace qpq::wire
