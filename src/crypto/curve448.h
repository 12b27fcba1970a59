#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

// X448 (RFC 7748) and Ed448 (RFC 8032), for MLS suites 4 and 6. Keys are raw bytes in their one possible length;
// another length is badLength.
namespace qpq::crypto {

inline constexpr std::size_t kX448KeySize = 56;   // private and public
inline constexpr std::size_t kEd448KeySize = 57;  // seed and public key
inline constexpr std::size_t kEd448SignatureSize = 114;

Result<Bytes> x448PublicKey(ByteView privateKey);
// badPublicKey when the result is all zeros (a point of low order; RFC 7748 §6.2, RFC 9180 §7.1.4).
Result<SecretBytes> x448(ByteView privateKey, ByteView publicKey);

Result<Bytes> ed448PublicKey(ByteView seed);
// Ed448 with an empty context.
Result<Bytes> ed448Sign(ByteView seed, ByteView message);
// badSignature, also for a key that is no point.
Result<void> ed448Verify(ByteView publicKey, ByteView message, ByteView signature);

}  // namespace qpq::crypto
