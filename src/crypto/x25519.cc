#include "crypto/x25519.h"

#include <sodium.h>

#include "crypto/libraries.h"

namespace qpq::crypto {

X25519PublicKey x25519PublicKey(const Secret<32>& privateKey) {
  detail::readySodium();
  X25519PublicKey publicKey;
  detail::require(crypto_scalarmult_curve25519_base(publicKey.data(), privateKey.expose().data()) == 0,
                  "crypto_scalarmult_curve25519_base");
  return publicKey;
}

Result<Secret<32>> x25519(const Secret<32>& privateKey, const X25519PublicKey& publicKey) {
  detail::readySodium();
  Secret<32> shared;
  // Fails exactly when the result is all zeros.
  if (crypto_scalarmult_curve25519(shared.writable().data(), privateKey.expose().data(), publicKey.data()) != 0) {
    return std::unexpected(CryptoError::badPublicKey);
  }
  return shared;
}

}  // namespace qpq::crypto
