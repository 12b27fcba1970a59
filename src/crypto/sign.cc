#include "crypto/sign.h"

#include "base/try.h"
#include "crypto/curve448.h"
#include "crypto/ecdsa.h"
#include "crypto/ed25519.h"
#include "crypto/exact.h"

namespace qpq::crypto {

using detail::exactArray;
using detail::exactSecret;

namespace {

// Of the ECDSA schemes, and only of those.
CurveId curveOf(SignatureId id) {
  switch (id) {
    case SignatureId::ecdsaP384Sha384: return CurveId::p384;
    case SignatureId::ecdsaP521Sha512: return CurveId::p521;
    default: return CurveId::p256;
  }
}

SecretBytes newPrivateKey(SignatureId id, Random& random) {
  auto drawn = [&](std::size_t size) {
    SecretBytes bytes(size);
    random.fill(bytes.writable());
    return bytes;
  };
  switch (id) {
    case SignatureId::ed25519: return drawn(32);
    case SignatureId::ed448: return drawn(kEd448KeySize);
    default: break;
  }
  CurveId curve = curveOf(id);
  return curvePrivateKeyFrom(curve, drawn(curveFieldSize(curve) + kCurveExtraRandom).expose()).value();
}

}  // namespace

std::size_t signaturePublicKeySize(SignatureId id) {
  switch (id) {
    case SignatureId::ed25519: return 32;
    case SignatureId::ed448: return kEd448KeySize;
    default: return curvePublicKeySize(curveOf(id));
  }
}

SignatureKeyPair generateSignatureKey(SignatureId id, Random& random) {
  SecretBytes privateKey = newPrivateKey(id, random);
  Bytes publicKey = signaturePublicKey(id, privateKey.expose()).value();
  return {.privateKey = std::move(privateKey), .publicKey = std::move(publicKey)};
}

Result<Bytes> signaturePublicKey(SignatureId id, ByteView privateKey) {
  switch (id) {
    case SignatureId::ed25519: return toBytes(Ed25519Key(TRY(exactSecret<32>(privateKey))).publicKey());
    case SignatureId::ed448: return ed448PublicKey(privateKey);
    default: return curvePublicKey(curveOf(id), privateKey);
  }
}

Result<Bytes> sign(SignatureId id, ByteView privateKey, ByteView message) {
  switch (id) {
    case SignatureId::ed25519: return toBytes(Ed25519Key(TRY(exactSecret<32>(privateKey))).sign(message));
    case SignatureId::ed448: return ed448Sign(privateKey, message);
    default: return ecdsaSign(curveOf(id), privateKey, message);
  }
}

Result<SigningKey> SigningKey::from(SignatureId id, ByteView privateKey) {
  if (id == SignatureId::ed25519) return SigningKey(Ed25519Key(TRY(exactSecret<32>(privateKey))));
  TRY(signaturePublicKey(id, privateKey));
  return SigningKey(AsGiven{id, SecretBytes(privateKey)});
}

ByteView SigningKey::expose() const {
  if (const auto* ready = std::get_if<Ed25519Key>(&key_)) return ready->exposeSeed();
  return std::get<AsGiven>(key_).privateKey.expose();
}

SigningKey SigningKey::clone() const {
  if (const auto* ready = std::get_if<Ed25519Key>(&key_)) return SigningKey(ready->clone());
  const auto& given = std::get<AsGiven>(key_);
  return SigningKey(AsGiven{given.id, given.privateKey.clone()});
}

Bytes SigningKey::publicKey() const {
  if (const auto* ready = std::get_if<Ed25519Key>(&key_)) return toBytes(ready->publicKey());
  const auto& given = std::get<AsGiven>(key_);
  return given.privateKey.empty() ? Bytes() : signaturePublicKey(given.id, given.privateKey.expose()).value();
}

Result<Bytes> SigningKey::sign(ByteView message) const {
  if (const auto* ready = std::get_if<Ed25519Key>(&key_)) return toBytes(ready->sign(message));
  const auto& given = std::get<AsGiven>(key_);
  if (given.privateKey.empty()) return std::unexpected(CryptoError::badPrivateKey);
  return crypto::sign(given.id, given.privateKey.expose(), message);
}

Result<Bytes> Signer::sign(SignatureId id, ByteView message) const {
  return key_ != nullptr ? key_->sign(message) : crypto::sign(id, privateKey_, message);
}

Result<void> verify(SignatureId id, ByteView publicKey, ByteView message, ByteView signature) {
  switch (id) {
    case SignatureId::ed25519: break;
    case SignatureId::ed448: return ed448Verify(publicKey, message, signature);
    default: return ecdsaVerify(curveOf(id), publicKey, message, signature);
  }
  auto key = TRY(exactArray<32>(publicKey));
  auto parsed = TRY(exactArray<64>(signature));
  if (!verifyEd25519(key, message, parsed)) return std::unexpected(CryptoError::badSignature);
  return {};
}

}  // namespace qpq::crypto
