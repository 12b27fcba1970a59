#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// Argon2id (RFC 9106). The cost is data, kept in the account record and the key slot.
struct Argon2Cost {
  uint32_t memoryKib;
  uint32_t passes;
  uint32_t lanes;

  bool operator==(const Argon2Cost&) const = default;
  // At least as dear as `other` in every parameter.
  constexpr bool covers(const Argon2Cost& other) const {
    return memoryKib >= other.memoryKib && passes >= other.passes && lanes >= other.lanes;
  }
};

// RFC 9106 §4, second recommended option. Shipped binaries accept nothing below it.
inline constexpr Argon2Cost kArgon2CostMin{64 * 1024, 3, 4};
// What a foreign record may make this machine spend at most.
inline constexpr Argon2Cost kArgon2CostMax{1024 * 1024, 16, 16};
// For tests and the simulator, through the same code.
inline constexpr Argon2Cost kArgon2CostTest{8, 1, 1};
// Longest output: sixteen 64-byte keys. Whoever needs more expands the result with HKDF.
inline constexpr std::size_t kArgon2OutputMax = 1024;

// refused above kArgon2CostMax or below what RFC 9106 allows; whoever takes a cost from outside compares it with
// kArgon2CostMin itself. badLength for a salt under 8 bytes or a length outside 4 … kArgon2OutputMax. exhausted if
// there is no memory. One lane after the other in the calling thread: the output does not depend on how many run at
// once.
Result<SecretBytes> argon2id(ByteView password, ByteView salt, const Argon2Cost& cost, std::size_t length);

}  // namespace qpq::crypto
