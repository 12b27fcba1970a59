#include <catch2/catch_test_macros.hpp>

#include "crypto/hpke.h"
#include "crypto/suite.h"
#include "crypto/vectors_test.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

TEST_CASE("an info taken in once, in one part or two, seals and opens as the info itself") {
  for (const Suite& suite : kSuites) {
    INFO(suite.name);
    test::SeededRandom random(21);
    KemKeyPair pair = generateKemKeyPair(suite.kem, random);
    HpkeInfo info = HpkeInfo::of(suite.hpke(), asBytes("an in"), asBytes("fo")).value();
    CHECK(equal(info.context(), HpkeInfo::of(suite.hpke(), asBytes("an info")).value().context()));
    CHECK_FALSE(equal(info.context(), HpkeInfo::of(suite.hpke(), asBytes("an inf")).value().context()));
    test::SeededRandom once(22), again(22);
    HpkeCiphertext sealed = hpkeSeal(info, pair.publicKey, asBytes("data"), asBytes("text"), once).value();
    HpkeCiphertext expected =
        hpkeSeal(suite.hpke(), pair.publicKey, asBytes("an info"), asBytes("data"), asBytes("text"), again).value();
    CHECK(sealed.kemOutput == expected.kemOutput);
    CHECK(sealed.ciphertext == expected.ciphertext);
    auto opened = hpkeOpen(info, pair.privateKey.expose(), sealed.kemOutput, asBytes("data"), sealed.ciphertext);
    CHECK(asText(opened.value().expose()) == "text");
    HpkeInfo other = HpkeInfo::of(suite.hpke(), asBytes("other")).value();
    CHECK(hpkeOpen(other, pair.privateKey.expose(), sealed.kemOutput, asBytes("data"), sealed.ciphertext).error() ==
          CryptoError::badTag);
  }
  CHECK(HpkeInfo::of({KemId::x25519HkdfSha256, HashId::sha3_256, AeadId::aes128Gcm}, {}).error() ==
        CryptoError::refused);
}

TEST_CASE("encapsulation reads exactly the randomness it names") {
  for (const Suite& suite : kSuites) {
    INFO(suite.name);
    test::SeededRandom random(23);
    KemKeyPair pair = generateKemKeyPair(suite.kem, random);
    Bytes script(encapsulationRandomSize(suite.kem));
    random.fill(script);
    ScriptedRandom scripted(script);
    CHECK(encapsulate(suite.kem, pair.publicKey, scripted).has_value());
    CHECK(scripted.usedUp());
  }
}

}  // namespace
}  // namespace qpq::crypto
