#include "crypto/curve448.h"

#include "base/try.h"
#include "crypto/libraries.h"

namespace qpq::crypto {

using detail::DigestContext;
using detail::failedAs;
using detail::Key;
using detail::KeyContext;
using detail::require;

namespace {

constexpr const char* kX448 = "X448";
constexpr const char* kEd448 = "ED448";

Result<Key> privateKeyOf(const char* name, ByteView bytes, std::size_t size) {
  if (bytes.size() != size) return std::unexpected(CryptoError::badLength);
  Key key(EVP_PKEY_new_raw_private_key_ex(nullptr, name, nullptr, bytes.data(), bytes.size()));
  require(key != nullptr, "EVP_PKEY_new_raw_private_key_ex");
  return key;
}

Result<Key> publicKeyOf(const char* name, ByteView bytes, std::size_t size) {
  if (bytes.size() != size) return std::unexpected(CryptoError::badLength);
  Key key(EVP_PKEY_new_raw_public_key_ex(nullptr, name, nullptr, bytes.data(), bytes.size()));
  require(key != nullptr, "EVP_PKEY_new_raw_public_key_ex");
  return key;
}

Bytes publicBytes(const Key& key, std::size_t size) {
  Bytes bytes(size);
  require(EVP_PKEY_get_raw_public_key(key.get(), bytes.data(), &size) == 1 && size == bytes.size(),
          "EVP_PKEY_get_raw_public_key");
  return bytes;
}

DigestContext newContext() {
  DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr, "EVP_MD_CTX_new");
  return context;
}

}  // namespace

Result<Bytes> x448PublicKey(ByteView privateKey) {
  return publicBytes(TRY(privateKeyOf(kX448, privateKey, kX448KeySize)), kX448KeySize);
}

Result<SecretBytes> x448(ByteView privateKey, ByteView publicKey) {
  Key own = TRY(privateKeyOf(kX448, privateKey, kX448KeySize));
  Key peer = TRY(publicKeyOf(kX448, publicKey, kX448KeySize));
  KeyContext context(EVP_PKEY_CTX_new_from_pkey(nullptr, own.get(), nullptr));
  SecretBytes shared(kX448KeySize);
  std::size_t size = shared.size();
  require(context && EVP_PKEY_derive_init(context.get()) == 1 &&
              EVP_PKEY_derive_set_peer_ex(context.get(), peer.get(), 0) == 1,
          "EVP_PKEY_derive_init");
  if (EVP_PKEY_derive(context.get(), shared.writable().data(), &size) != 1 || size != shared.size()) {
    return std::unexpected(failedAs(CryptoError::badPublicKey));
  }
  return shared;
}

Result<Bytes> ed448PublicKey(ByteView seed) {
  return publicBytes(TRY(privateKeyOf(kEd448, seed, kEd448KeySize)), kEd448KeySize);
}

Result<Bytes> ed448Sign(ByteView seed, ByteView message) {
  Key key = TRY(privateKeyOf(kEd448, seed, kEd448KeySize));
  DigestContext context = newContext();
  Bytes signature(kEd448SignatureSize);
  std::size_t size = signature.size();
  require(EVP_DigestSignInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) == 1 &&
              EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1 &&
              size == signature.size(),
          "EVP_DigestSign");
  return signature;
}

Result<void> ed448Verify(ByteView publicKey, ByteView message, ByteView signature) {
  Key key = TRY(publicKeyOf(kEd448, publicKey, kEd448KeySize));
  if (signature.size() != kEd448SignatureSize) return std::unexpected(CryptoError::badLength);
  DigestContext context = newContext();
  require(EVP_DigestVerifyInit_ex(context.get(), nullptr, nullptr, nullptr, nullptr, key.get(), nullptr) == 1,
          "EVP_DigestVerifyInit_ex");
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) != 1) {
    return std::unexpected(failedAs(CryptoError::badSignature));
  }
  return {};
}

}  // namespace qpq::crypto
