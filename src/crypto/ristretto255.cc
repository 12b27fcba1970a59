#include "crypto/ristretto255.h"

#include <sodium.h>

#include "base/try.h"
#include "crypto/exact.h"
#include "crypto/libraries.h"

namespace qpq::crypto {

using detail::exactArray;
using detail::exactSecret;
using detail::readySodium;
using detail::require;

namespace {

bool isZero(std::span<const uint8_t, 32> bytes) {
  static constexpr ByteArray<32> kZero{};
  return constantTimeEqual(bytes, kZero);
}

// RFC 9496 §4.3.1 refuses what is not below p, and so the top bit; libsodium 1.0.18 ignores that bit, which would give
// every element a second encoding.
bool topBitIsSet(const RistrettoElement& element) { return (element.back() & 0x80) != 0; }

}  // namespace

Result<RistrettoElement> parseElement(ByteView bytes) {
  readySodium();
  auto element = TRY(exactArray<32>(bytes));
  // The identity is the all-zero string (RFC 9496 §4.3.2), a valid encoding and no valid input.
  if (isZero(element) || topBitIsSet(element) || crypto_core_ristretto255_is_valid_point(element.data()) != 1) {
    return std::unexpected(CryptoError::badPublicKey);
  }
  return element;
}

Result<RistrettoScalar> parseScalar(ByteView bytes) {
  auto scalar = TRY(exactSecret<32>(bytes));
  Secret<64> wide;
  std::ranges::copy(scalar.expose(), wide.writable().begin());
  RistrettoScalar reduced = reduceScalar(wide.expose());
  if (isZero(scalar.expose()) || !constantTimeEqual(scalar.expose(), reduced.expose())) {
    return std::unexpected(CryptoError::badPrivateKey);
  }
  return scalar;
}

RistrettoScalar randomScalar(Random& random) {
  while (true) {
    RistrettoScalar scalar = reduceScalar(random.secret<64>().expose());
    if (!isZero(scalar.expose())) return scalar;
  }
}

RistrettoScalar invert(const RistrettoScalar& scalar) {
  readySodium();
  RistrettoScalar inverse;
  require(crypto_core_ristretto255_scalar_invert(inverse.writable().data(), scalar.expose().data()) == 0,
          "zero has no inverse");
  return inverse;
}

RistrettoScalar reduceScalar(std::span<const uint8_t, 64> wide) {
  readySodium();
  RistrettoScalar scalar;
  crypto_core_ristretto255_scalar_reduce(scalar.writable().data(), wide.data());
  return scalar;
}

RistrettoElement elementFromUniform(std::span<const uint8_t, 64> uniform) {
  readySodium();
  RistrettoElement element;
  require(crypto_core_ristretto255_from_hash(element.data(), uniform.data()) == 0,
          "crypto_core_ristretto255_from_hash");
  return element;
}

Result<RistrettoElement> multiply(const RistrettoScalar& scalar, const RistrettoElement& element) {
  readySodium();
  RistrettoElement product;
  if (topBitIsSet(element) ||
      crypto_scalarmult_ristretto255(product.data(), scalar.expose().data(), element.data()) != 0) {
    return std::unexpected(CryptoError::badPublicKey);
  }
  return product;
}

RistrettoElement multiplyBase(const RistrettoScalar& scalar) {
  readySodium();
  RistrettoElement product;
  require(crypto_scalarmult_ristretto255_base(product.data(), scalar.expose().data()) == 0,
          "zero is no scalar to multiply the base by");
  return product;
}

}  // namespace qpq::crypto
