#include "crypto/suite.h"

#include <catch2/catch_test_macros.hpp>

namespace qpq::crypto {
namespace {

TEST_CASE("a suite is found by its code point, and an unknown code point is not") {
  CHECK(findSuite(0x0001) == &kSuiteX25519);
  CHECK(findSuite(0xF0E2) == &kSuiteXWing);
  for (uint16_t unknown : std::initializer_list<uint16_t>{0x0000, 0x0002, 0x0003, 0x0a0a, 0xF0E1, 0xFFFF})
    CHECK(findSuite(unknown) == nullptr);
}

TEST_CASE("the product speaks the hybrid suite, and its HPKE is made of the suite's own parts") {
  CHECK(kProductSuite.id == 0xF0E2);
  CHECK(kProductSuite.hpke().kem == KemId::mlkem768X25519);
  CHECK(kProductSuite.hpke().kdf == HashId::sha384);
  CHECK(kProductSuite.hpke().aead == AeadId::aes256Gcm);
  CHECK(kSuiteX25519.hpke().kem == KemId::x25519HkdfSha256);
}

}  // namespace
}  // namespace qpq::crypto
