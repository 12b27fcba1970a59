#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// The curves of SP 800-186 that MLS suites 2, 7 and 5 use, for Diffie-Hellman; signatures are in ecdsa.h.
//
// A private key is a scalar in [1, n) as big-endian bytes, a public key the uncompressed point 04 ‖ x ‖ y (SEC 1
// §2.3.3), each in its one possible length. No other form of a point is taken: a key that has two encodings would have
// two names.
enum class CurveId : uint8_t { p256, p384, p521 };
inline constexpr std::array kCurveIds{CurveId::p256, CurveId::p384, CurveId::p521};

// Bytes of a scalar and of a coordinate.
constexpr std::size_t curveFieldSize(CurveId id) {
  switch (id) {
    case CurveId::p256: return 32;
    case CurveId::p384: return 48;
    case CurveId::p521: return 66;
  }
  return 0;
}
constexpr std::size_t curvePublicKeySize(CurveId id) { return 1 + 2 * curveFieldSize(id); }

// badLength, or badPrivateKey for zero and for n and above.
Result<void> checkCurvePrivateKey(CurveId id, ByteView privateKey);
Result<Bytes> curvePublicKey(CurveId id, ByteView privateKey);
// badLength, or badPublicKey for what is not a point of the curve.
Result<void> checkCurvePublicKey(CurveId id, ByteView publicKey);
// The x-coordinate of the common point (RFC 9180 §4.1). Errors as above.
Result<SecretBytes> curveDh(CurveId id, ByteView privateKey, ByteView publicKey);
// A private key from curveFieldSize(id) + 8 random bytes (FIPS 186-5 §A.2.1): so many bits more than n has that the
// remainder is evenly spread. badLength.
Result<SecretBytes> curvePrivateKeyFrom(CurveId id, ByteView random);
inline constexpr std::size_t kCurveExtraRandom = 8;

}  // namespace qpq::crypto
