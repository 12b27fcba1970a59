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
