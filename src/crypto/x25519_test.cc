#include "crypto/x25519.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

X25519PublicKey point(ByteView bytes) { return detail::exactArray<32>(bytes).value(); }
X25519PublicKey point(std::string_view digits) { return point(hex(digits)); }

TEST_CASE("X25519 gives the values of RFC 7748 §5.2") {
  CHECK(toHex(x25519(secret<32>("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4"),
                     point("e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c"))
                  .value()
                  .expose()) == "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552");
  CHECK(toHex(x25519(secret<32>("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d"),
                     point("e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493"))
                  .value()
                  .expose()) == "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957");
}

TEST_CASE("a thousand rounds of X25519 end where RFC 7748 §5.2 says") {
  const std::string_view start = "0900000000000000000000000000000000000000000000000000000000000000";
  Secret<32> scalar = secret<32>(start);
  X25519PublicKey u = point(start);
  for (int round = 0; round < 1000; ++round) {
    Secret<32> result = x25519(scalar, u).value();
    u = point(scalar.expose());
    scalar = std::move(result);
  }
  CHECK(toHex(scalar.expose()) == "684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51");
}

TEST_CASE("both sides of RFC 7748 §6.1 arrive at the same secret") {
  Secret<32> alice = secret<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  Secret<32> bob = secret<32>("5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb");
  CHECK(toHex(x25519PublicKey(alice)) == "8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a");
  CHECK(toHex(x25519PublicKey(bob)) == "de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f");
  constexpr std::string_view kShared = "4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742";
  CHECK(toHex(x25519(alice, x25519PublicKey(bob)).value().expose()) == kShared);
  CHECK(toHex(x25519(bob, x25519PublicKey(alice)).value().expose()) == kShared);
}

TEST_CASE("a point of low order is refused, with either top bit") {
  Secret<32> key = secret<32>("77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a");
  for (std::string_view low : {"0000000000000000000000000000000000000000000000000000000000000000",
                               "0100000000000000000000000000000000000000000000000000000000000000",
                               "e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800",
                               "5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157",
                               "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                               "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                               "eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"}) {
    INFO(low);
    X25519PublicKey u = point(low);
    CHECK(x25519(key, u).error() == CryptoError::badPublicKey);
    u[31] |= 0x80;
    CHECK(x25519(key, u).error() == CryptoError::badPublicKey);
  }
}

// "acceptable" in Wycheproof: RFC 7748 says what to compute for points on the twist and for encodings above the field
// prime, so they are computed; an all-zero result is the one thing refused (§6.1, RFC 9180 §7.1.4).
TEST_CASE("X25519 agrees with Wycheproof, and refuses each all-zero result") {
  auto file = test::VectorFile::open("wycheproof/x25519_test.json");
  if (!file) return;
  for (const test::Json& group : file->json()["testGroups"].items()) {
    for (const test::Json& c : group["tests"].items()) {
      INFO("tcId " << c["tcId"].number());
      auto shared = x25519(secret<32>(c["private"].hex()), point(c["public"].hex()));
      if (c["shared"].hex() == Bytes(32)) {
        CHECK(c["result"].string() == "acceptable");
        CHECK(shared.error() == CryptoError::badPublicKey);
      } else {
        CHECK(equal(shared.value().expose(), c["shared"].hex()));
      }
      file->verified();
    }
  }
}

}  // namespace
}  // namespace qpq::crypto
