#include "base/secret.h"

#include <cstring>

namespace qpq {

void wipe(ByteSpan memory) {
  if (!memory.empty()) explicit_bzero(memory.data(), memory.size());
}

bool constantTimeEqual(ByteView a, ByteView b) {
  if (a.size() != b.size()) return false;
  uint8_t difference = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference = static_cast<uint8_t>(difference | (a[i] ^ b[i]));
    // Hides the running value from the optimiser, which could otherwise leave the loop at the first difference.
    __asm__ volatile("" : "+r"(difference));
  }
  return difference == 0;
}

}  // namespace qpq
