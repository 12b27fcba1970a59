#include "crypto/kem.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/hash.h"
#include "crypto/vectors_test.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

constexpr KemId kAll[] = {KemId::p256HkdfSha256,   KemId::p384HkdfSha384, KemId::p521HkdfSha512,
                          KemId::x25519HkdfSha256, KemId::x448HkdfSha512, KemId::mlkem768X25519};

TEST_CASE("DHKEM(X25519, HKDF-SHA256) derives the keys and secret of RFC 9180 A.1.1") {
  KemKeyPair recipient = deriveKemKeyPair(KemId::x25519HkdfSha256,
                                          hex("6db9df30aa07dd42ee5e8181afdb977e538f5e1fec8a06223f33f7013e525037"));
  CHECK(toHex(recipient.privateKey.expose()) == "4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
  CHECK(toHex(recipient.publicKey) == "3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
  ScriptedRandom ikmE(hex("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234"));
  Encapsulation made = encapsulate(KemId::x25519HkdfSha256, recipient.publicKey, ikmE).value();
  CHECK(ikmE.usedUp());
  CHECK(toHex(made.kemOutput) == "37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
  constexpr std::string_view kShared = "fe0e18c9f024ce43799ae393c7e8fe8fce9d218875e8227b0187c04e7d2ea1fc";
  CHECK(toHex(made.sharedSecret.expose()) == kShared);
  auto opened = decapsulate(KemId::x25519HkdfSha256, recipient.privateKey.expose(), made.kemOutput);
  CHECK(toHex(opened.value().expose()) == kShared);
}

// RFC 9180 A.3.1 (P-256) and A.6.1 (P-521).
TEST_CASE("DHKEM over the NIST curves derives the keys and secrets of RFC 9180") {
  KemKeyPair p256 =
      deriveKemKeyPair(KemId::p256HkdfSha256, hex("668b37171f1072f3cf12ea8a236a45df23fc13b82af3609ad1e354f6ef817550"));
  CHECK(toHex(p256.privateKey.expose()) == "f3ce7fdae57e1a310d87f1ebbde6f328be0a99cdbcadf4d6589cf29de4b8ffd2");
  CHECK(toHex(p256.publicKey) ==
        "04fe8c19ce0905191ebc298a9245792531f26f0cece2460639e8bc39cb7f706a82"
        "6a779b4cf969b8a0e539c7f62fb3d30ad6aa8f80e30f1d128aafd68a2ce72ea0");
  ScriptedRandom ikmE(hex("4270e54ffd08d79d5928020af4686d8f6b7d35dbe470265f1f5aa22816ce860e"));
  Encapsulation made = encapsulate(KemId::p256HkdfSha256, p256.publicKey, ikmE).value();
  CHECK(ikmE.usedUp());
  CHECK(toHex(made.kemOutput) ==
        "04a92719c6195d5085104f469a8b9814d5838ff72b60501e2c4466e5e67b325ac9"
        "8536d7b61a1af4b78e5b7f951c0900be863c403ce65c9bfcb9382657222d18c4");
  CHECK(toHex(made.sharedSecret.expose()) == "c0d26aeab536609a572b07695d933b589dcf363ff9d93c93adea537aeabb8cb8");

  KemKeyPair p521 = deriveKemKeyPair(KemId::p521HkdfSha512,
                                     hex("2ad954bbe39b7122529f7dde780bff626cd97f850d0784a432784e69d86eccaa"
                                         "de43b6c10a8ffdb94bf943c6da479db137914ec835a7e715e36e45e29b587bab3bf1"));
  CHECK(toHex(p521.privateKey.expose()) ==
        "01462680369ae375e4b3791070a7458ed527842f6a98a79ff5e0d4cbde83c27196"
        "a3916956655523a6a2556a7af62c5cadabe2ef9da3760bb21e005202f7b2462847");
}

// draft-connolly-cfrg-xwing-kem §5.6: SHAKE256(ikm, 32) is the key.
TEST_CASE("the unlabelled X-Wing is the same KEM with other derived keys") {
  constexpr KemId kForeign = KemId::mlkem768X25519Unlabelled;
  Bytes ikm(32, uint8_t{7}), seed(32);
  shake256({ikm}, seed);
  KemKeyPair pair = deriveKemKeyPair(kForeign, ikm);
  CHECK(equal(pair.privateKey.expose(), seed));
  CHECK(pair.publicKey == kemPublicKey(KemId::mlkem768X25519, seed));
  test::SeededRandom random(5), again(5);
  CHECK(encapsulate(kForeign, pair.publicKey, random).value().kemOutput ==
        encapsulate(KemId::mlkem768X25519, pair.publicKey, again).value().kemOutput);
}

TEST_CASE("X-Wing keys are derived with labels, as MLS has them, and not as the X-Wing draft alone") {
  // draft-ietf-hpke-pq, test vector of KEM 0x647a with HKDF-SHA256
  Bytes ikm = hex("b86e76a59fabfc87b30cd7b1f7aaa28a834eb64e7a261c197b9a842893fbce56");
  KemKeyPair pair = deriveKemKeyPair(KemId::mlkem768X25519, ikm);
  CHECK(toHex(pair.privateKey.expose()) == "3ec47fa82dd5689d27c6190e724c74ec8f608df3331ce331929e37b829676630");
  Bytes unlabelled(32);
  shake256({ikm}, unlabelled);
  CHECK(!equal(pair.privateKey.expose(), unlabelled));
}

TEST_CASE("a generated key pair has the sizes of its KEM and opens what is sealed to it") {
  test::SeededRandom random(6);
  for (KemId id : kAll) {
    KemKeyPair pair = generateKemKeyPair(id, random);
    CHECK(pair.privateKey.size() == kemPrivateKeySize(id));
    CHECK(pair.publicKey.size() == kemPublicKeySize(id));
    CHECK(kemPublicKey(id, pair.privateKey.expose()).value() == pair.publicKey);
    Encapsulation made = encapsulate(id, pair.publicKey, random).value();
    CHECK(made.sharedSecret.size() >= 32);
    CHECK(made.kemOutput.size() == kemOutputSize(id));
    CHECK(
        equal(decapsulate(id, pair.privateKey.expose(), made.kemOutput).value().expose(), made.sharedSecret.expose()));
    KemKeyPair other = generateKemKeyPair(id, random);
    CHECK(!equal(decapsulate(id, other.privateKey.expose(), made.kemOutput).value().expose(),
                 made.sharedSecret.expose()));
  }
}

TEST_CASE("the same randomness gives the same keys and encapsulations, other randomness gives others") {
  for (KemId id : kAll) {
    test::SeededRandom first(7), again(7), other(8);
    KemKeyPair pair = generateKemKeyPair(id, first);
    CHECK(generateKemKeyPair(id, again).publicKey == pair.publicKey);
    CHECK(generateKemKeyPair(id, other).publicKey != pair.publicKey);
    Bytes made = encapsulate(id, pair.publicKey, first).value().kemOutput;
    CHECK(encapsulate(id, pair.publicKey, again).value().kemOutput == made);
    CHECK(encapsulate(id, pair.publicKey, first).value().kemOutput != made);
  }
}

TEST_CASE("keys and outputs of another length are refused and no randomness is used") {
  for (KemId id : kAll) {
    ScriptedRandom none({});
    const Bytes bytes(1300);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      ByteView wrong = ByteView(bytes).first(size);
      if (size != kemPrivateKeySize(id)) {
        CHECK(kemPublicKey(id, wrong).error() == CryptoError::badLength);
        CHECK(decapsulate(id, wrong, Bytes(kemOutputSize(id))).error() == CryptoError::badLength);
      }
      if (size != kemPublicKeySize(id)) CHECK(encapsulate(id, wrong, none).error() == CryptoError::badLength);
      if (size != kemOutputSize(id)) {
        CHECK(decapsulate(id, Bytes(kemPrivateKeySize(id), 1), wrong).error() == CryptoError::badLength);
      }
    }
  }
}

TEST_CASE("a point of low order and a point of no curve are refused on both sides") {
  test::SeededRandom random(9);
  for (KemId id : kAll) {
    if (id == KemId::mlkem768X25519) continue;
    const Bytes zeros(kemPublicKeySize(id));  // of low order on the Montgomery curves, no point on the others
    CHECK(encapsulate(id, zeros, random).error() == CryptoError::badPublicKey);
    KemKeyPair pair = generateKemKeyPair(id, random);
    CHECK(decapsulate(id, pair.privateKey.expose(), zeros).error() == CryptoError::badPublicKey);
  }
  CHECK(encapsulate(KemId::mlkem768X25519, Bytes(1216), random).error() == CryptoError::badPublicKey);
}

}  // namespace
}  // namespace qpq::crypto
