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

namespace {

// From here on OpenSSL signs: its SHA-512 is nearly twice as fast, and a signature hashes its message twice; against
// that stands the import of the key (measured). The signatures are the same, as RFC 8032 leaves no choice.
constexpr std::size_t kLargeMessage = std::size_t{40} << 10;

Ed25519Signature signLarge(ByteView seed, ByteView message) {
  Ed25519Signature signature;
  std::size_t length = signature.size();
  detail::Key key(EVP_PKEY_new_raw_private_key_ex(nullptr, "ED25519", nullptr, seed.data(), seed.size()));
  detail::DigestContext context(EVP_MD_CTX_new());
  require(key && context &&
              EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) == 1 &&
              EVP_DigestSign(context.get(), signature.data(), &length, message.data(), message.size()) == 1 &&
              length == signature.size(),
          "EVP_DigestSign");
  return signature;
}

}  // namespace

Ed25519Signature Ed25519Key::sign(ByteView message) const {
  if (message.size() >= kLargeMessage) return signLarge(exposeSeed(), message);
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
