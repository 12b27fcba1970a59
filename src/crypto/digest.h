#pragma once

#include <cstddef>
#include <initializer_list>

#include "crypto/hash.h"

// Inside this room only: what HMAC needs to know of a hash.
namespace qpq::crypto::detail {

// The bytes a hash takes in one step: RFC 2104's B; for SHA-3 the rate (FIPS 202 §7).
constexpr std::size_t hashBlockSize(HashId id) {
  switch (id) {
    case HashId::sha256: return 64;
    case HashId::sha384:
    case HashId::sha512: return 128;
    case HashId::sha3_256: return 136;
  }
  return 0;
}
inline constexpr std::size_t kHashBlockMax = 136;
inline constexpr std::size_t kHashSizeMax = 64;

// The hash of first ‖ rest…
void digest(HashId id, ByteView first, std::initializer_list<ByteView> rest, ByteSpan out);

}  // namespace qpq::crypto::detail
