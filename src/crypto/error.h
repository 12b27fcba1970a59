#pragma once

#include <expected>

namespace qpq::crypto {

// Why an operation on foreign input was refused. Nothing here tells an attacker which bit was wrong.
enum class CryptoError {
  badLength,     // a key, nonce, ciphertext or output length the algorithm does not have
  badPublicKey,  // not a valid key or point: wrong encoding, low order, not reduced
  badPrivateKey,
  badSignature,
  badTag,     // AEAD: the ciphertext, the key or the associated data is not the sender's
  refused,    // parameters outside what this build allows (Argon2 cost)
  exhausted,  // the library could not get memory or randomness
};

template <class T>
using Result = std::expected<T, CryptoError>;

}  // namespace qpq::crypto
