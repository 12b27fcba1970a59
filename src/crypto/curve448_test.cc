#include "crypto/curve448.h"

#include <openssl/err.h>

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"

namespace qpq::crypto {
namespace {

// RFC 7748 §6.2.
TEST_CASE("X448 agrees with RFC 7748") {
  const Bytes alice =
      hex("9a8f4925d1519f5775cf46b04b5800d4ee9ee8bae8bc5565d498c28d"
          "d9c9baf574a9419744897391006382a6f127ab1d9ac2d8c0a598726b");
  const Bytes bob =
      hex("1c306a7ac2a0e2e0990b294470cba339e6453772b075811d8fad0d1d"
          "6927c120bb5ee8972b0d3e21374c9c921b09d1b0366f10b65173992d");
  const Bytes alicePublic = x448PublicKey(alice).value(), bobPublic = x448PublicKey(bob).value();
  CHECK(toHex(alicePublic) ==
        "9b08f7cc31b7e3e67d22d5aea121074a273bd2b83de09c63faa73d2c"
        "22c5d9bbc836647241d953d40c5b12da88120d53177f80e532c41fa0");
  CHECK(toHex(bobPublic) ==
        "3eb7a829b0cd20f5bcfc0b599b6feccf6da4627107bdb0d4f345b430"
        "27d8b972fc3e34fb4232a13ca706dcb57aec3dae07bdc1c67bf33609");
  constexpr std::string_view kShared =
      "07fff4181ac6cc95ec1c16a94a0f74d12da232ce40a77552281d282b"
      "b60c0b56fd2464c335543936521c24403085d59a449a5037514a879d";
  CHECK(toHex(x448(alice, bobPublic).value().expose()) == kShared);
  CHECK(toHex(x448(bob, alicePublic).value().expose()) == kShared);
}

TEST_CASE("X448 refuses a point of low order and any other length") {
  const Bytes key(kX448KeySize, 7);
  CHECK(x448(key, Bytes(kX448KeySize)).error() == CryptoError::badPublicKey);
  CHECK(ERR_peek_error() == 0);
  for (std::size_t size : {0U, 55U, 57U}) {
    CHECK(x448PublicKey(Bytes(size)).error() == CryptoError::badLength);
    CHECK(x448(Bytes(size), key).error() == CryptoError::badLength);
    CHECK(x448(key, Bytes(size)).error() == CryptoError::badLength);
  }
}

// RFC 8032 §7.4, the blank message and one octet.
TEST_CASE("Ed448 agrees with RFC 8032") {
  struct Answer {
    std::string_view seed, publicKey, message, signature;
  };
  for (const Answer& a : {Answer{"6c82a562cb808d10d632be89c8513ebf6c929f34ddfa8c9f63c9960ef6e348a3"
                                 "528c8a3fcc2f044e39a3fc5b94492f8f032e7549a20098f95b",
                                 "5fd7449b59b461fd2ce787ec616ad46a1da1342485a70e1f8a0ea75d80e96778"
                                 "edf124769b46c7061bd6783df1e50f6cd1fa1abeafe8256180",
                                 "",
                                 "533a37f6bbe457251f023c0d88f976ae2dfb504a843e34d2074fd823d41a591f"
                                 "2b233f034f628281f2fd7a22ddd47d7828c59bd0a21bfd3980ff0d2028d4b18a"
                                 "9df63e006c5d1c2d345b925d8dc00b4104852db99ac5c7cdda8530a113a0f4db"
                                 "b61149f05a7363268c71d95808ff2e652600"},
                          {"c4eab05d357007c632f3dbb48489924d552b08fe0c353a0d4a1f00acda2c463a"
                           "fbea67c5e8d2877c5e3bc397a659949ef8021e954e0a12274e",
                           "43ba28f430cdff456ae531545f7ecd0ac834a55d9358c0372bfa0c6c6798c086"
                           "6aea01eb00742802b8438ea4cb82169c235160627b4c3a9480",
                           "03",
                           "26b8f91727bd62897af15e41eb43c377efb9c610d48f2335cb0bd0087810f435"
                           "2541b143c4b981b7e18f62de8ccdf633fc1bf037ab7cd779805e0dbcc0aae1cb"
                           "cee1afb2e027df36bc04dcecbf154336c19f0af7e0a6472905e799f1953d2a0f"
                           "f3348ab21aa4adafd1d234441cf807c03a00"}}) {
    CHECK(toHex(ed448PublicKey(hex(a.seed)).value()) == a.publicKey);
    CHECK(toHex(ed448Sign(hex(a.seed), hex(a.message)).value()) == a.signature);
    CHECK(ed448Verify(hex(a.publicKey), hex(a.message), hex(a.signature)).has_value());
  }
}

TEST_CASE("Ed448 refuses every changed byte, every other length and another key") {
  const Bytes seed(kEd448KeySize, 9);
  const Bytes publicKey = ed448PublicKey(seed).value();
  const Bytes signature = ed448Sign(seed, asBytes("text")).value();
  for (std::size_t i = 0; i < signature.size(); ++i) {
    Bytes changed = signature;
    changed[i] ^= 1;
    CHECK(ed448Verify(publicKey, asBytes("text"), changed).error() == CryptoError::badSignature);
  }
  for (std::size_t size : {0U, 113U, 115U}) {
    CHECK(ed448Verify(publicKey, {}, Bytes(size)).error() == CryptoError::badLength);
  }
  for (std::size_t size : {0U, 56U, 58U}) {
    CHECK(ed448Verify(Bytes(size), {}, signature).error() == CryptoError::badLength);
    CHECK(ed448Sign(Bytes(size), {}).error() == CryptoError::badLength);
    CHECK(ed448PublicKey(Bytes(size)).error() == CryptoError::badLength);
  }
  CHECK(ed448Verify(Bytes(kEd448KeySize, 0xff), {}, signature).error() == CryptoError::badSignature);
  CHECK(ERR_peek_error() == 0);
}

}  // namespace
}  // namespace qpq::crypto
