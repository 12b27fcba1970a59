#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// The group of the OPRF (RFC 9496, RFC 9497 §4.1). Elements and scalars travel as 32 bytes.
using RistrettoElement = ByteArray<32>;
using RistrettoScalar = Secret<32>;

// badPublicKey for a non-canonical encoding or the identity (RFC 9497 §2.1 DeserializeElement).
Result<RistrettoElement> parseElement(ByteView bytes);
// badPrivateKey for a scalar not reduced modulo the group order, or zero.
Result<RistrettoScalar> parseScalar(ByteView bytes);
// Uniform in [1, order-1]: 64 random bytes, reduced (RFC 9497 §4.7.2). A script of randomness that should give the
// scalar s is s ‖ 32 zeros.
RistrettoScalar randomScalar(Random& random);
RistrettoScalar invert(const RistrettoScalar& scalar);  // not of zero: parseScalar and randomScalar never give it
RistrettoScalar reduceScalar(std::span<const uint8_t, 64> wide);  // little-endian, modulo the order; may be zero
RistrettoElement elementFromUniform(std::span<const uint8_t, 64> uniform);  // RFC 9496 §4.3.4
// badPublicKey if the product is the identity, or the element not one.
Result<RistrettoElement> multiply(const RistrettoScalar& scalar, const RistrettoElement& element);
RistrettoElement multiplyBase(const RistrettoScalar& scalar);  // not zero

}  // namespace qpq::crypto
