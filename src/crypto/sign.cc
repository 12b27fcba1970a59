#include "crypto/sign.h"

#include "base/try.h"
#include "crypto/ed25519.h"
#include "crypto/exact.h"

namespace qpq::crypto {

using detail::exactArray;
using detail::exactSecret;

// Ed25519 is the only SignatureId, so nothing here has to ask which one it is.

SignatureKeyPair generateSignatureKey(SignatureId, Random& random) {
  Secret<32> seed = random.secret<32>();
  return {.privateKey = SecretBytes(seed.expose()), .publicKey = toBytes(Ed25519Key(seed).publicKey())};
}

Result<Bytes> signaturePublicKey(SignatureId, ByteView privateKey) {
  return toBytes(Ed25519Key(TRY(exactSecret<32>(privateKey))).publicKey());
}

Result<Bytes> sign(SignatureId, ByteView privateKey, ByteView message) {
  return toBytes(Ed25519Key(TRY(exactSecret<32>(privateKey))).sign(message));
}

Result<void> verify(SignatureId, ByteView publicKey, ByteView message, ByteView signature) {
  auto key = TRY(exactArray<32>(publicKey));
  auto parsed = TRY(exactArray<64>(signature));
  if (!verifyEd25519(key, message, parsed)) return std::unexpected(CryptoError::badSignature);
  return {};
}

}  // namespace qpq::crypto
