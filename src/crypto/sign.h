#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// TLS SignatureScheme code points (RFC 8446 §4.2.3), as MLS suites name them.
enum class SignatureId : uint16_t {
  ecdsaP256Sha256 = 0x0403,
  ecdsaP384Sha384 = 0x0503,
  ecdsaP521Sha512 = 0x0603,
  ed25519 = 0x0807,
  ed448 = 0x0808,
};

struct SignatureKeyPair {
  SecretBytes privateKey;  // the EdDSA seed (32, 57 bytes), or the ECDSA scalar (nist_curve.h)
  Bytes publicKey;         // 32, 57 bytes, or the uncompressed point
};

std::size_t signaturePublicKeySize(SignatureId id);

SignatureKeyPair generateSignatureKey(SignatureId id, Random& random);
// badLength, or badPrivateKey for what is no scalar of an ECDSA curve.
Result<Bytes> signaturePublicKey(SignatureId id, ByteView privateKey);
// A function of key and message, for every scheme. Errors as above.
Result<Bytes> sign(SignatureId id, ByteView privateKey, ByteView message);
// badSignature, or badPublicKey / badLength when the encoding itself is impossible.
Result<void> verify(SignatureId id, ByteView publicKey, ByteView message, ByteView signature);

}  // namespace qpq::crypto
