#include "crypto/kem.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/hash.h"
#include "crypto/vectors_test.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

constexpr KemId kBoth[] = {KemId::x25519HkdfSha256, KemId::mlkem768X25519};

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
  for (KemId id : kBoth) {
    KemKeyPair pair = generateKemKeyPair(id, random);
    CHECK(pair.privateKey.size() == 32);
    CHECK(pair.publicKey.size() == kemPublicKeySize(id));
    CHECK(kemPublicKey(id, pair.privateKey.expose()).value() == pair.publicKey);
    Encapsulation made = encapsulate(id, pair.publicKey, random).value();
    CHECK(made.sharedSecret.size() == 32);
    CHECK(made.kemOutput.size() == kemOutputSize(id));
    CHECK(
        equal(decapsulate(id, pair.privateKey.expose(), made.kemOutput).value().expose(), made.sharedSecret.expose()));
    KemKeyPair other = generateKemKeyPair(id, random);
    CHECK(!equal(decapsulate(id, other.privateKey.expose(), made.kemOutput).value().expose(),
                 made.sharedSecret.expose()));
  }
}

TEST_CASE("the same randomness gives the same keys and encapsulations, other randomness gives others") {
  for (KemId id : kBoth) {
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
  for (KemId id : kBoth) {
    ScriptedRandom none({});
    const Bytes bytes(1300);
    for (std::size_t size = 0; size <= bytes.size(); ++size) {
      ByteView wrong = ByteView(bytes).first(size);
      if (size != 32) {
        CHECK(kemPublicKey(id, wrong).error() == CryptoError::badLength);
        CHECK(decapsulate(id, wrong, Bytes(kemOutputSize(id))).error() == CryptoError::badLength);
      }
      if (size != kemPublicKeySize(id)) CHECK(encapsulate(id, wrong, none).error() == CryptoError::badLength);
      if (size != kemOutputSize(id)) {
        CHECK(decapsulate(id, Bytes(32), wrong).error() == CryptoError::badLength);
      }
    }
  }
}

TEST_CASE("a point of low order is refused on both sides") {
  test::SeededRandom random(9);
  constexpr KemId kDhkem = KemId::x25519HkdfSha256;
  CHECK(encapsulate(kDhkem, Bytes(32), random).error() == CryptoError::badPublicKey);
  KemKeyPair pair = generateKemKeyPair(kDhkem, random);
  CHECK(decapsulate(kDhkem, pair.privateKey.expose(), Bytes(32)).error() == CryptoError::badPublicKey);
  CHECK(encapsulate(KemId::mlkem768X25519, Bytes(1216), random).error() == CryptoError::badPublicKey);
}

}  // namespace
}  // namespace qpq::crypto
