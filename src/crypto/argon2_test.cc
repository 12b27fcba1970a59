#include "crypto/argon2.h"

#include <sodium.h>
#include <sys/resource.h>

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"

namespace qpq::crypto {
namespace {

const Bytes kSalt = toBytes(asBytes("somesaltsomesalt"));

std::string tag(std::string_view password, const Argon2Cost& cost, std::size_t length) {
  return toHex(argon2id(asBytes(password), kSalt, cost, length).value().expose());
}

// RFC 9106 §5.3 uses a secret and associated data, which nothing of ours has. These are the values of the reference
// implementation (libargon2, through argon2-cffi 25.1) for our inputs.
TEST_CASE("Argon2id agrees with the reference implementation, with one lane and with four") {
  CHECK(tag("password", {8, 1, 1}, 32) == "05b6ca8f8038b683887ad4916533858b49cb52040126c134f4c6e9d8711b8c09");
  CHECK(tag("password", {256, 3, 4}, 32) == "3ae75675fc1875866526c8f930cb40d6fe751ec0bea5ad3052bafca5369373b3");
}

TEST_CASE("Argon2id at the least cost we ship agrees with the reference implementation") {
  CHECK(tag("password", kArgon2CostMin, 64) ==
        "deef357ad58014230c5a09f9be8ddcb67cfd959a24b23d777170209a649da3e4"
        "a712c12e08473acc04b49dcf29413406f8614836f51e0d3a76ed823f8572b57f");
}

TEST_CASE("Argon2id of one lane agrees with libsodium") {
  REQUIRE(sodium_init() >= 0);
  for (uint32_t passes : {1U, 2U, 3U}) {
    for (uint32_t memoryKib : {8U, 64U, 1000U}) {
      Bytes expected(40);
      REQUIRE(crypto_pwhash(expected.data(), expected.size(), "password", 8, kSalt.data(), passes,
                            std::size_t{memoryKib} * 1024, crypto_pwhash_ALG_ARGON2ID13) == 0);
      CHECK(tag("password", {memoryKib, passes, 1}, 40) == toHex(expected));
    }
  }
}

TEST_CASE("every part of the input and the cost changes the output") {
  std::string first = tag("password", {64, 1, 1}, 32);
  CHECK(first == tag("password", {64, 1, 1}, 32));
  CHECK(first != tag("passwore", {64, 1, 1}, 32));
  CHECK(first != tag("password", {72, 1, 1}, 32));
  CHECK(first != tag("password", {64, 2, 1}, 32));
  CHECK(first != tag("password", {64, 1, 2}, 32));
  CHECK(first != toHex(argon2id(asBytes("password"), Bytes(16), {64, 1, 1}, 32).value().expose()));
  CHECK(first != tag("password", {64, 1, 1}, 64).substr(0, 64));  // the length is hashed in (RFC 9106 §3.2)
}

TEST_CASE("an empty password is a password like any other") {
  SecretBytes none;
  CHECK(toHex(argon2id(none.expose(), kSalt, {8, 1, 1}, 32).value().expose()) == tag("", {8, 1, 1}, 32));
  CHECK(tag("", {64, 3, 1}, 32) == "4e14e5c39cd135b1b2d68a0e1879eea9c7c101dc94c82d8edecefb259830535c");
}

TEST_CASE("a cost above the maximum or below what RFC 9106 allows is refused at once") {
  auto most = kArgon2CostMax;
  for (Argon2Cost cost : {Argon2Cost{7, 1, 1},
                          {8, 0, 1},
                          {8, 1, 0},
                          {0, 0, 0},
                          {15, 1, 2},
                          {most.memoryKib + 1, 1, 1},
                          {8, most.passes + 1, 1},
                          {1024, 1, most.lanes + 1},
                          {UINT32_MAX, UINT32_MAX, UINT32_MAX},
                          {8 * UINT32_MAX, 1, UINT32_MAX}}) {
    INFO(cost.memoryKib << " KiB, " << cost.passes << " passes, " << cost.lanes << " lanes");
    CHECK(argon2id(asBytes("password"), kSalt, cost, 32).error() == CryptoError::refused);
  }
}

TEST_CASE("the bounds themselves are allowed") {
  CHECK(argon2id(asBytes("password"), kSalt, {8, kArgon2CostMax.passes, 1}, 4).has_value());
  CHECK(argon2id(asBytes("password"), kSalt, {128, 1, kArgon2CostMax.lanes}, kArgon2OutputMax).has_value());
  CHECK(argon2id(asBytes("password"), Bytes(8), kArgon2CostTest, 32).has_value());
}

TEST_CASE("a short salt and an impossible output length are refused") {
  auto attempt = [](std::size_t salt, std::size_t length) {
    return argon2id(asBytes("password"), Bytes(salt), kArgon2CostTest, length).error();
  };
  CHECK(attempt(7, 32) == CryptoError::badLength);
  CHECK(attempt(0, 32) == CryptoError::badLength);
  CHECK(attempt(16, 3) == CryptoError::badLength);
  CHECK(attempt(16, 0) == CryptoError::badLength);
  CHECK(attempt(16, kArgon2OutputMax + 1) == CryptoError::badLength);
}

TEST_CASE("costs are compared parameter by parameter") {
  CHECK(kArgon2CostMax.covers(kArgon2CostMin));
  CHECK(kArgon2CostMin.covers(kArgon2CostMin));
  CHECK_FALSE(kArgon2CostMin.covers({64 * 1024, 3, 5}));
  CHECK_FALSE(kArgon2CostMin.covers({64 * 1024, 4, 4}));
  CHECK_FALSE(kArgon2CostMin.covers({64 * 1024 + 1, 3, 4}));
  CHECK_FALSE(kArgon2CostTest.covers(kArgon2CostMin));
}

#if !__has_feature(address_sanitizer) && !__has_feature(thread_sanitizer)
// Not under a sanitizer: those reserve address space themselves and end the program when there is none.
TEST_CASE("no memory for the cost is a typed error, and the next derivation works") {
  rlimit before{};
  REQUIRE(getrlimit(RLIMIT_AS, &before) == 0);
  rlimit little = before;
  little.rlim_cur = rlim_t{512} << 20;
  REQUIRE(setrlimit(RLIMIT_AS, &little) == 0);
  auto refused = argon2id(asBytes("password"), kSalt, {1024 * 1024, 1, 1}, 32);
  REQUIRE(setrlimit(RLIMIT_AS, &before) == 0);
  REQUIRE(!refused.has_value());
  CHECK(refused.error() == CryptoError::exhausted);
  CHECK(tag("password", {8, 1, 1}, 32).starts_with("05b6ca8f"));
}
#endif

}  // namespace
}  // namespace qpq::crypto
