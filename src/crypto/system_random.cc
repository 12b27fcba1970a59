#include "crypto/system_random.h"

#include <sodium.h>

#include "crypto/libraries.h"

namespace qpq::crypto {

void SystemRandom::fill(ByteSpan out) {
  detail::readySodium();
  if (!out.empty()) randombytes_buf(out.data(), out.size());
}

}  // namespace qpq::crypto
