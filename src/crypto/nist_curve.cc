#include "crypto/nist_curve.h"

#include <openssl/bn.h>
#include <openssl/ec.h>

#include "base/try.h"
#include "crypto/libraries.h"

namespace qpq::crypto {

using detail::curveGroup;
using detail::failedAs;
using detail::Owned;
using detail::require;

namespace {

using Number = Owned<BIGNUM, BN_clear_free>;
using NumberContext = Owned<BN_CTX, BN_CTX_free>;
using Point = Owned<EC_POINT, EC_POINT_clear_free>;

constexpr uint8_t kUncompressed = 0x04;

NumberContext newContext() {
  NumberContext context(BN_CTX_secure_new());
  require(context != nullptr, "BN_CTX_secure_new");
  return context;
}

Point newPoint(CurveId id) {
  Point point(EC_POINT_new(curveGroup(id)));
  require(point != nullptr, "EC_POINT_new");
  return point;
}

// Marked as secret: OpenSSL then takes its constant-time ways with it.
Number secretNumber(ByteView bytes) {
  Number number(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  require(number != nullptr, "BN_bin2bn");
  BN_set_flags(number.get(), BN_FLG_CONSTTIME);
  return number;
}

Result<Number> scalarOf(CurveId id, ByteView privateKey) {
  if (privateKey.size() != curveFieldSize(id)) return std::unexpected(CryptoError::badLength);
  Number scalar = secretNumber(privateKey);
  if (BN_is_zero(scalar.get()) || BN_cmp(scalar.get(), EC_GROUP_get0_order(curveGroup(id))) >= 0) {
    return std::unexpected(CryptoError::badPrivateKey);
  }
  return scalar;
}

// The cofactor of these curves is 1, so a point of the curve that is not the one at infinity is of the right order; the
// one at infinity has no encoding of this length.
Result<Point> pointOf(CurveId id, ByteView publicKey) {
  if (publicKey.size() != curvePublicKeySize(id)) return std::unexpected(CryptoError::badLength);
  Point point = newPoint(id);
  if (publicKey[0] != kUncompressed ||
      EC_POINT_oct2point(curveGroup(id), point.get(), publicKey.data(), publicKey.size(), nullptr) != 1) {
    return std::unexpected(failedAs(CryptoError::badPublicKey));
  }
  return point;
}

}  // namespace

Result<void> checkCurvePrivateKey(CurveId id, ByteView privateKey) {
  TRY(scalarOf(id, privateKey));
  return {};
}

Result<Bytes> curvePublicKey(CurveId id, ByteView privateKey) {
  Number scalar = TRY(scalarOf(id, privateKey));
  NumberContext context = newContext();
  Point point = newPoint(id);
  Bytes encoded(curvePublicKeySize(id));
  require(EC_POINT_mul(curveGroup(id), point.get(), scalar.get(), nullptr, nullptr, context.get()) == 1 &&
              EC_POINT_point2oct(curveGroup(id), point.get(), POINT_CONVERSION_UNCOMPRESSED, encoded.data(),
                                 encoded.size(), context.get()) == encoded.size(),
          "EC_POINT_mul");
  return encoded;
}

Result<void> checkCurvePublicKey(CurveId id, ByteView publicKey) {
  TRY(pointOf(id, publicKey));
  return {};
}

Result<SecretBytes> curveDh(CurveId id, ByteView privateKey, ByteView publicKey) {
  Number scalar = TRY(scalarOf(id, privateKey));
  Point peer = TRY(pointOf(id, publicKey));
  NumberContext context = newContext();
  Point common = newPoint(id);
  Number x(BN_secure_new());
  SecretBytes shared(curveFieldSize(id));
  require(x && EC_POINT_mul(curveGroup(id), common.get(), nullptr, peer.get(), scalar.get(), context.get()) == 1 &&
              EC_POINT_get_affine_coordinates(curveGroup(id), common.get(), x.get(), nullptr, context.get()) == 1 &&
              BN_bn2binpad(x.get(), shared.writable().data(), static_cast<int>(shared.size())) >= 0,
          "EC_POINT_mul");
  return shared;
}

Result<SecretBytes> curvePrivateKeyFrom(CurveId id, ByteView random) {
  if (random.size() != curveFieldSize(id) + kCurveExtraRandom) return std::unexpected(CryptoError::badLength);
  Number wide = secretNumber(random);
  Number bound(BN_dup(EC_GROUP_get0_order(curveGroup(id))));
  NumberContext context = newContext();
  Number scalar(BN_secure_new());
  SecretBytes privateKey(curveFieldSize(id));
  // wide mod (n - 1) + 1, in [1, n).
  require(bound && scalar && BN_sub_word(bound.get(), 1) == 1 &&
              BN_mod(scalar.get(), wide.get(), bound.get(), context.get()) == 1 && BN_add_word(scalar.get(), 1) == 1 &&
              BN_bn2binpad(scalar.get(), privateKey.writable().data(), static_cast<int>(privateKey.size())) >= 0,
          "BN_mod");
  return privateKey;
}

}  // namespace qpq::crypto
