#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// FIPS 203, ML-KEM-768. Deterministic throughout: the caller brings every random byte.
inline constexpr std::size_t kMlKem768SeedSize = 64;  // d ‖ z, the private key's stored form
inline constexpr std::size_t kMlKem768PublicKeySize = 1184;
inline constexpr std::size_t kMlKem768CiphertextSize = 1088;

struct MlKem768Encapsulation {
  Secret<32> sharedSecret;
  Bytes ciphertext;
};

Bytes mlKem768PublicKey(const Secret<64>& seed);
// `randomness` is m of FIPS 203 §6.2. badLength, or badPublicKey when the key fails the check of §7.2.
Result<MlKem768Encapsulation> mlKem768Encapsulate(ByteView publicKey, const Secret<32>& randomness);
// badLength for another length. Implicit rejection: a wrong ciphertext of the right length gives another secret, not an
// error (FIPS 203 §6.3).
Result<Secret<32>> mlKem768Decapsulate(const Secret<64>& seed, ByteView ciphertext);
// From the 2400-byte expanded key, for the vectors that have no seed. badLength, or badPrivateKey when its inner hash
// does not fit.
Result<Secret<32>> mlKem768DecapsulateExpanded(ByteView expandedKey, ByteView ciphertext);

}  // namespace qpq::crypto
