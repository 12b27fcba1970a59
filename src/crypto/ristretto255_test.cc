#include "crypto/ristretto255.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/hash.h"
#include "crypto/vectors_test.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

// The group order, 2^252 + 27742317777372353535851937790883648493, little-endian.
const Bytes kOrder = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");

RistrettoScalar small(uint8_t value) {
  Bytes bytes(32);
  bytes[0] = value;
  return parseScalar(bytes).value();
}

Secret<64> widened(ByteView low) {
  Secret<64> wide;
  std::ranges::copy(low, wide.writable().begin());
  return wide;
}

TEST_CASE("multiples of the base point are those of RFC 9496 A.1") {
  constexpr std::string_view kMultiples[] = {
      "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76",
      "6a493210f7499cd17fecb510ae0cea23a110e8d5b901f8acadd3095c73a3b919",
      "94741f5d5d52755ece4f23f044ee27d5d1ea1e2bd196b462166b16152a9d0259",
      "da80862773358b466ffadfe0b3293ab3d9fd53c5ea6c955358f568322daf6a57",
      "e882b131016b52c1d3337080187cf768423efccbb517bb495ab812c4160ff44e",
      "f64746d3c92b13050ed8d80236a7f0007c3b3f962f5ba793d19a601ebb1df403",
  };
  const RistrettoElement base = parseElement(hex(kMultiples[0])).value();
  uint8_t factor = 1;
  for (std::string_view expected : kMultiples) {
    CHECK(toHex(multiplyBase(small(factor))) == expected);
    CHECK(toHex(multiply(small(factor), base).value()) == expected);
    CHECK(parseElement(hex(expected)).has_value());
    ++factor;
  }
}

TEST_CASE("the invalid encodings of RFC 9496 A.2, the identity and other lengths are refused") {
  for (std::string_view bad : {
           // not canonical
           "00ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
           "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "f3ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           // negative
           "0100000000000000000000000000000000000000000000000000000000000000",
           "01ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           "ed57ffd8c914fb201471d1c3d245ce3c746fcbe63a3679d51b6a516ebebe0e20",
           "c34c4e1826e5d403b78e246e88aa051c36ccf0aafebffe137d148a2bf9104562",
           // x² not a square
           "26948d35ca62e643e26a83177332e6b6afeb9d08e4268b650f1f5bbd8d81d371",
           "4eac077a713c57b4f4397629a4145982c661f48044dd3f96427d40b147d9742f",
           // xy negative
           "3eb858e78f5a7254d8c9731174a94f76755fd3941c0ac93735c07ba14579630e",
           "a45fdc55c76448c049a1ab33f17023edfb2be3581e9c7aade8a6125215e04220",
           // y = 0
           "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
           // the base point with the top bit set, which libsodium 1.0.18 takes
           "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2df6",
           // the identity
           "0000000000000000000000000000000000000000000000000000000000000000",
       }) {
    INFO(bad);
    CHECK(parseElement(hex(bad)).error() == CryptoError::badPublicKey);
    RistrettoElement unchecked = detail::exactArray<32>(hex(bad)).value();
    CHECK(multiply(small(2), unchecked).error() == CryptoError::badPublicKey);
  }
  for (std::size_t size : std::initializer_list<std::size_t>{0, 31, 33, 64})
    CHECK(parseElement(Bytes(size)).error() == CryptoError::badLength);
}

TEST_CASE("elements from uniform bytes are those of RFC 9496 A.3") {
  struct Answer {
    std::string_view label, element;
  };
  for (auto [label, element] : {Answer{"Ristretto is traditionally a short shot of espresso coffee",
                                       "3066f82a1a747d45120d1740f14358531a8f04bbffe6a819f86dfe50f44a0a46"},
                                {"made with the normal amount of ground coffee but extracted with",
                                 "f26e5b6f7d362d2d2a94c5d0e7602cb4773c95a2e5c31a64f133189fa76ed61b"},
                                {"about half the amount of water in the same amount of time",
                                 "006ccd2a9e6867e6a2c5cea83d3302cc9de128dd2a9a57dd8ee7b9d7ffe02826"}}) {
    Bytes uniform = hash(HashId::sha512, asBytes(label));
    CHECK(toHex(elementFromUniform(std::span<const uint8_t, 64>(uniform))) == element);
  }
}

TEST_CASE("a scalar is reduced, not zero and 32 bytes, or it is refused") {
  Bytes below = kOrder;
  below[0] -= 1;
  CHECK(equal(parseScalar(below).value().expose(), below));
  CHECK(parseScalar(kOrder).error() == CryptoError::badPrivateKey);
  Bytes above = kOrder;
  above[0] += 1;
  CHECK(parseScalar(above).error() == CryptoError::badPrivateKey);
  CHECK(parseScalar(Bytes(32, uint8_t{0xff})).error() == CryptoError::badPrivateKey);
  CHECK(parseScalar(Bytes(32)).error() == CryptoError::badPrivateKey);
  for (std::size_t size : std::initializer_list<std::size_t>{0, 31, 33, 64})
    CHECK(parseScalar(Bytes(size)).error() == CryptoError::badLength);
}

TEST_CASE("reduction is modulo the group order") {
  CHECK(toHex(reduceScalar(widened(kOrder).expose()).expose()) == std::string(64, '0'));
  Bytes seven = kOrder;
  seven[0] += 7;
  CHECK(equal(reduceScalar(widened(seven).expose()).expose(), small(7).expose()));
}

TEST_CASE("an inverse takes a blinding away again (RFC 9497 §3.3.1)") {
  test::SeededRandom random(13);
  for (int round = 0; round < 10; ++round) {
    RistrettoElement element = elementFromUniform(random.bytes<64>());
    RistrettoScalar blind = randomScalar(random);
    RistrettoElement blinded = multiply(blind, element).value();
    CHECK(blinded != element);
    CHECK(multiply(invert(blind), blinded).value() == element);
    CHECK(parseElement(blinded).has_value());
  }
}

TEST_CASE("a random scalar reads 64 bytes, reduces them, and is never zero") {
  Bytes zeros(64);
  Bytes five(64);
  five[0] = 5;
  ScriptedRandom random(concat({zeros, kOrder, Bytes(32), five}));
  CHECK(equal(randomScalar(random).expose(), small(5).expose()));
  CHECK(random.usedUp());
}

}  // namespace
}  // namespace qpq::crypto
