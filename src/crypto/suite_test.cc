#include "crypto/suite.h"

#include <catch2/catch_test_macros.hpp>
#include <string>

#include "crypto/foreign_suite_test.h"

namespace qpq::crypto {
namespace {

TEST_CASE("a suite is found by its code point, and an unknown code point is not") {
  for (const Suite& suite : kSuites) CHECK(findSuite(suite.id) == &suite);
  CHECK(findSuite(0x0001) == &kSuiteX25519);
  CHECK(findSuite(0xF0E2) == &kSuiteXWing);
  for (uint16_t unknown : std::initializer_list<uint16_t>{0x0000, 0x0008, 0x0a0a, 0xF0E0, 0xF0E3, 0xFFFF})
    CHECK(findSuite(unknown) == nullptr);
}

TEST_CASE("the product speaks the hybrid suite, and its HPKE is made of the suite's own parts") {
  CHECK(kProductSuite.id == 0xF0E2);
  CHECK(kProductSuite.hpke().kem == KemId::mlkem768X25519);
  CHECK(kProductSuite.hpke().kdf == HashId::sha384);
  CHECK(kProductSuite.hpke().aead == AeadId::aes256Gcm);
  CHECK(kSuiteX25519.hpke().kem == KemId::x25519HkdfSha256);
}

// RFC 9420 §17.1 and, for the last two, draft-ietf-mls-pq-ciphersuites, in the words of their names.
TEST_CASE("every suite is made of what its name says") {
  struct Word {
    std::string_view text;
    bool (*isMeant)(const Suite&);
  };
  constexpr Word kWords[] = {
      {"_DHKEMX25519_", [](const Suite& s) { return s.kem == KemId::x25519HkdfSha256; }},
      {"_DHKEMP256_", [](const Suite& s) { return s.kem == KemId::p256HkdfSha256; }},
      {"_DHKEMP384_", [](const Suite& s) { return s.kem == KemId::p384HkdfSha384; }},
      {"_DHKEMP521_", [](const Suite& s) { return s.kem == KemId::p521HkdfSha512; }},
      {"_DHKEMX448_", [](const Suite& s) { return s.kem == KemId::x448HkdfSha512; }},
      {"_MLKEM768X25519_", [](const Suite& s) { return s.kem == KemId::mlkem768X25519; }},
      {"_AES128GCM_", [](const Suite& s) { return s.aead == AeadId::aes128Gcm; }},
      {"_AES256GCM_", [](const Suite& s) { return s.aead == AeadId::aes256Gcm; }},
      {"_CHACHA20POLY1305_", [](const Suite& s) { return s.aead == AeadId::chacha20Poly1305; }},
      {"_SHA256_", [](const Suite& s) { return s.hash == HashId::sha256; }},
      {"_SHA384_", [](const Suite& s) { return s.hash == HashId::sha384; }},
      {"_SHA512_", [](const Suite& s) { return s.hash == HashId::sha512; }},
      {"_Ed25519.", [](const Suite& s) { return s.signature == SignatureId::ed25519; }},
      {"_Ed448.", [](const Suite& s) { return s.signature == SignatureId::ed448; }},
      {"_P256.", [](const Suite& s) { return s.signature == SignatureId::ecdsaP256Sha256; }},
      {"_P384.", [](const Suite& s) { return s.signature == SignatureId::ecdsaP384Sha384; }},
      {"_P521.", [](const Suite& s) { return s.signature == SignatureId::ecdsaP521Sha512; }},
  };
  for (const Suite& suite : kSuites) {
    INFO(suite.name);
    int parts = 0;
    for (const Word& word : kWords) {
      const bool isNamed = (std::string(suite.name) + ".").contains(word.text);
      CHECK(isNamed == word.isMeant(suite));
      if (isNamed) ++parts;
    }
    CHECK(parts == 4);  // KEM, AEAD, hash, signature
  }
}

TEST_CASE("a suite keeps its parts under another number, and is found only where it is offered") {
  const Suite aliased[] = {kSuiteXWing.under(0x0008)};
  CHECK(findSuite(0x0008, aliased) == &aliased[0]);
  CHECK(aliased[0].name == kSuiteXWing.name);
  CHECK(aliased[0].kem == kSuiteXWing.kem);
  CHECK(findSuite(0xF0E2, aliased) == nullptr);
  CHECK(findSuite(0x0008) == nullptr);
}

TEST_CASE("no suite of ours derives X-Wing keys without labels; the foreign one of the tests does") {
  for (const Suite& suite : kSuites) CHECK(suite.kem != KemId::mlkem768X25519Unlabelled);
  CHECK(findSuite(kSuiteTsMls83.id) == nullptr);
  CHECK(kSuiteTsMls83.kem == KemId::mlkem768X25519Unlabelled);
  CHECK(kemCodePoint(kSuiteTsMls83.kem) == kemCodePoint(kSuiteXWing.kem));
}

}  // namespace
}  // namespace qpq::crypto
