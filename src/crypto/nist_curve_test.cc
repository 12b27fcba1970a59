#include "crypto/nist_curve.h"

#include <openssl/err.h>

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

// The order n of each curve (SP 800-186 §3.2.1).
Bytes orderOf(CurveId id) {
  switch (id) {
    case CurveId::p256: return hex("ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551");
    case CurveId::p384:
      return hex("ffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973");
    case CurveId::p521:
      return hex(
          "01fffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffa"
          "51868783bf2f966b7fcc0148f709a5d03bb5c9b8899c47aebb6fb71e91386409");
  }
  return {};
}

SecretBytes newKey(CurveId id, test::SeededRandom& random) {
  Bytes drawn(curveFieldSize(id) + kCurveExtraRandom);
  random.fill(drawn);
  return curvePrivateKeyFrom(id, drawn).value();
}

// RFC 5903 §8.1, §8.2.
TEST_CASE("public keys and shared secrets are those of RFC 5903") {
  const Bytes i = hex("C88F01F510D9AC3F70A292DAA2316DE544E9AAB8AFE84049C62A9C57862D1433");
  const Bytes r = hex("C6EF9C5D78AE012A011164ACB397CE2088685D8F06BF9BE0B283AB46476BEE53");
  const Bytes publicR = curvePublicKey(CurveId::p256, r).value();
  CHECK(toHex(publicR) ==
        "04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63"
        "56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab");
  const Bytes publicI = curvePublicKey(CurveId::p256, i).value();
  constexpr std::string_view kShared = "d6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de";
  CHECK(toHex(curveDh(CurveId::p256, i, publicR).value().expose()) == kShared);
  CHECK(toHex(curveDh(CurveId::p256, r, publicI).value().expose()) == kShared);
}

TEST_CASE("both sides come to the same point") {
  test::SeededRandom random(3);
  for (CurveId id : kCurveIds) {
    SecretBytes a = newKey(id, random), b = newKey(id, random);
    Bytes publicA = curvePublicKey(id, a.expose()).value(), publicB = curvePublicKey(id, b.expose()).value();
    CHECK(publicA.size() == curvePublicKeySize(id));
    SecretBytes shared = curveDh(id, a.expose(), publicB).value();
    CHECK(shared.size() == curveFieldSize(id));
    CHECK(equal(shared.expose(), curveDh(id, b.expose(), publicA).value().expose()));
  }
}

TEST_CASE("a scalar is at least 1, below n, and of one length") {
  for (CurveId id : kCurveIds) {
    Bytes order = orderOf(id);
    CHECK(curvePublicKey(id, order).error() == CryptoError::badPrivateKey);
    CHECK(curvePublicKey(id, Bytes(order.size(), 0xff)).error() == CryptoError::badPrivateKey);
    CHECK(curvePublicKey(id, Bytes(order.size())).error() == CryptoError::badPrivateKey);
    Bytes last = order;
    last.back() -= 1;
    CHECK(curvePublicKey(id, last).has_value());
    for (std::size_t size : {std::size_t{0}, order.size() - 1, order.size() + 1}) {
      CHECK(curvePublicKey(id, Bytes(size, 1)).error() == CryptoError::badLength);
      CHECK(checkCurvePrivateKey(id, Bytes(size, 1)).error() == CryptoError::badLength);
    }
  }
}

TEST_CASE("only the uncompressed form of a point of the curve is a public key") {
  test::SeededRandom random(4);
  for (CurveId id : kCurveIds) {
    SecretBytes key = newKey(id, random);
    const Bytes good = curvePublicKey(id, key.expose()).value();
    CHECK(checkCurvePublicKey(id, good).has_value());
    auto verdict = [&](const Bytes& bytes) { return curveDh(id, key.expose(), bytes).error(); };
    Bytes changed = good;
    changed.back() ^= 1;  // not on the curve
    CHECK(verdict(changed) == CryptoError::badPublicKey);
    changed = good;
    changed[0] = static_cast<uint8_t>(0x06 | (good.back() & 1));  // the hybrid form of X9.62: the same point
    CHECK(verdict(changed) == CryptoError::badPublicKey);
    CHECK(verdict(Bytes(good.size())) == CryptoError::badPublicKey);
    changed.assign(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(1 + curveFieldSize(id)));
    changed[0] = static_cast<uint8_t>(0x02 | (good.back() & 1));  // compressed
    CHECK(verdict(changed) == CryptoError::badLength);
    CHECK(verdict(Bytes(1)) == CryptoError::badLength);  // the point at infinity
    CHECK(ERR_peek_error() == 0);
  }
}

TEST_CASE("a key is made of random bytes by remainder: n - 1 gives 1 again") {
  for (CurveId id : kCurveIds) {
    Bytes bound = orderOf(id);
    bound.back() -= 1;
    auto made = [&](const Bytes& number) {
      return toBytes(curvePrivateKeyFrom(id, concat({Bytes(kCurveExtraRandom), number})).value().expose());
    };
    Bytes one(curveFieldSize(id)), two(curveFieldSize(id));
    one.back() = 1;
    two.back() = 2;
    CHECK(made(bound) == one);
    CHECK(made(Bytes(curveFieldSize(id))) == one);
    CHECK(made(orderOf(id)) == two);
    CHECK(curvePrivateKeyFrom(id, bound).error() == CryptoError::badLength);
  }
}

}  // namespace
}  // namespace qpq::crypto
