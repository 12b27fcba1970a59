#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// TLS SignatureScheme code points (RFC 8446 §4.2.3), as MLS suites name them.
enum class SignatureId : uint16_t { ed25519 = 0x0807 };

struct SignatureKeyPair {
  SecretBytes privateKey;  // Ed25519: the 32-byte seed
  Bytes publicKey;
};

SignatureKeyPair generateSignatureKey(SignatureId id, Random& random);
Result<Bytes> signaturePublicKey(SignatureId id, ByteView privateKey);
Result<Bytes> sign(SignatureId id, ByteView privateKey, ByteView message);
// badSignature, or badPublicKey / badLength when the encoding itself is impossible.
Result<void> verify(SignatureId id, ByteView publicKey, ByteView message, ByteView signature);

}  // namespace qpq::crypto
