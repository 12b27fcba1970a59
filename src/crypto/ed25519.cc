#include "crypto/ed25519.h"

#include <sodium.h>

#include "crypto/libraries.h"

namespace qpq::crypto {

using detail::readySodium;
using detail::require;

Ed25519Key::Ed25519Key(const Secret<32>& seed) {
  readySodium();
  require(crypto_sign_ed25519_seed_keypair(publicKey_.data(), expanded_.writable().data(), seed.expose().data()) == 0,
          "crypto_sign_ed25519_seed_keypair");
}

Ed25519Signature Ed25519Key::sign(ByteView message) const {
  Ed25519Signature signature;
  require(crypto_sign_ed25519_detached(signature.data(), nullptr, message.data(), message.size(),
                                       expanded_.expose().data()) == 0,
          "crypto_sign_ed25519_detached");
  return signature;
}

Secret<32> Ed25519Key::seed() const { return Secret<32>(expanded_.expose().first<32>()); }

bool verifyEd25519(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature) {
  readySodium();
  return crypto_sign_ed25519_verify_detached(signature.data(), message.data(), message.size(), key.data()) == 0;
}

}  // namespace qpq::crypto
