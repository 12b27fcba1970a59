#include "crypto/ed25519.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "crypto/vectors_test.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

struct Answer {
  std::string_view seed, publicKey, message, signature;
};

// RFC 8032 §7.1, tests 1 to 3
constexpr Answer kAnswers[] = {
    {"9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a", "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
     "d25bf5f0595bbe24655141438e7a100b"},
    {"4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c", "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
     "387b2eaeb4302aeeb00d291612bb0c00"},
    {"c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025", "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
     "4a7c15e9716ed28dc027beceea1ec40a"},
};

Ed25519PublicKey publicKeyOf(const Answer& c) { return detail::exactArray<32>(hex(c.publicKey)).value(); }

TEST_CASE("Ed25519 gives the keys and signatures of RFC 8032") {
  for (const Answer& c : kAnswers) {
    Ed25519Key key(secret<32>(c.seed));
    CHECK(toHex(key.publicKey()) == c.publicKey);
    CHECK(toHex(key.seed().expose()) == c.seed);
    Ed25519Signature signature = key.sign(hex(c.message));
    CHECK(toHex(signature) == c.signature);
    CHECK(verifyEd25519(publicKeyOf(c), hex(c.message), signature));
  }
}

TEST_CASE("a changed bit in key, message or signature does not verify") {
  const Answer& c = kAnswers[2];
  Ed25519PublicKey key = publicKeyOf(c);
  Bytes message = hex(c.message);
  auto signature = detail::exactArray<64>(hex(c.signature)).value();
  auto flipEach = [&](std::span<uint8_t> part) {
    for (std::size_t bit = 0; bit < part.size() * 8; ++bit) {
      auto mask = static_cast<uint8_t>(1U << (bit % 8));
      part[bit / 8] ^= mask;
      CHECK_FALSE(verifyEd25519(key, message, signature));
      part[bit / 8] ^= mask;
    }
  };
  flipEach(key);
  flipEach(message);
  flipEach(signature);
  CHECK(verifyEd25519(key, message, signature));
}

TEST_CASE("a signature with S above the group order is refused (RFC 8032 §8.4)") {
  const Answer& c = kAnswers[0];
  auto signature = detail::exactArray<64>(hex(c.signature)).value();
  const Bytes order = hex("edd3f55c1a631258d69cf7a2def9de1400000000000000000000000000000010");
  unsigned carry = 0;
  for (std::size_t i = 0; i < 32; ++i) {
    carry += static_cast<unsigned>(signature[32 + i]) + order[i];
    signature[32 + i] = static_cast<uint8_t>(carry);
    carry >>= 8;
  }
  CHECK_FALSE(verifyEd25519(publicKeyOf(c), {}, signature));
}

TEST_CASE("keys of low order verify nothing") {
  // The eight small-order points (draft-irtf-cfrg-vrf lists them), which "sign" any message with R = A, S = 0 or alike.
  for (std::string_view low : {"0100000000000000000000000000000000000000000000000000000000000000",
                               "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
                               "0000000000000000000000000000000000000000000000000000000000000000",
                               "0000000000000000000000000000000000000000000000000000000000000080",
                               "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
                               "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
                               "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
                               "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"}) {
    auto point = detail::exactArray<32>(hex(low)).value();
    for (std::string_view r : {"0100000000000000000000000000000000000000000000000000000000000000", low.data()}) {
      Ed25519Signature signature{};
      std::ranges::copy(hex(r), signature.begin());
      for (int i = 0; i < 16; ++i) {
        ByteArray<1> message{static_cast<uint8_t>(i)};
        CHECK_FALSE(verifyEd25519(point, message, signature));
      }
    }
  }
}

// The set our verifier accepts, as a regression: members of a group who disagree about a signature could be split.
// libsodium refuses every encoding that is not canonical and every key or R of low order, and checks the equation
// without the cofactor, so that a residue of low order fails it.
TEST_CASE("of the C2SP edge cases exactly the harmless ones verify") {
  auto file = test::VectorFile::open("ed25519/cctv_ed25519vectors.json");
  if (!file) return;
  const std::set<std::string> fatal{"low_order_A", "low_order_R", "low_order_residue", "non_canonical_A",
                                    "non_canonical_R"};
  std::size_t accepted = 0;
  for (const test::Json& c : file->json().items()) {
    bool expected = true;
    if (auto flags = c.find("flags")) {
      for (const test::Json& flag : flags->items()) expected = expected && !fatal.contains(flag.string());
    }
    bool verified = verifyEd25519(detail::exactArray<32>(c["key"].hex()).value(), asBytes(c["msg"].string()),
                                  detail::exactArray<64>(c["sig"].hex()).value());
    INFO("number " << c["number"].number());
    CHECK(verified == expected);
    accepted += verified ? 1 : 0;
    file->verified();
  }
  CHECK(accepted == 43);
}

}  // namespace
}  // namespace qpq::crypto
