#include "crypto/hpke.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/mlkem768.h"
#include "crypto/vectors_test.h"
#include "support/seeded_random.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

constexpr HpkeSuite kRfcSuite{KemId::x25519HkdfSha256, HashId::sha256, AeadId::aes128Gcm};
constexpr HpkeSuite kProduct{KemId::mlkem768X25519, HashId::sha384, AeadId::aes256Gcm};

// RFC 9180 A.1.1
const Bytes kInfo = hex("4f6465206f6e2061204772656369616e2055726e");
const Bytes kIkmE = hex("7268600d403fce431561aef583ee1613527cff655c1343f29812e66706df3234");
const Bytes kRecipientPublic = hex("3948cfe0ad1ddb695d780e59077195da6c56506b027329794ab02bca80815c4d");
const Bytes kRecipientPrivate = hex("4612c550263fc8ad58375df3f557aac531d26850903e55a9f23f21d8534e8ac8");
const Bytes kKemOutput = hex("37fda3567bdbd628e88668c3c8d7e97d1d1253b6d4ea6d44c150f741f1bf4431");
const Bytes kPlaintext = hex("4265617574792069732074727574682c20747275746820626561757479");
const Bytes kData = hex("436f756e742d30");
const Bytes kCiphertext =
    hex("f938558b5d72f1a23810b4be2ab4f84331acc02fc97babc53a52ae8218a355a96d8770ac83d07bea87e13c512a");

TEST_CASE("HPKE base mode seals and opens as RFC 9180 A.1.1.1 does") {
  ScriptedRandom random(kIkmE);
  HpkeCiphertext sealed = hpkeSeal(kRfcSuite, kRecipientPublic, kInfo, kData, kPlaintext, random).value();
  CHECK(sealed.kemOutput == kKemOutput);
  CHECK(sealed.ciphertext == kCiphertext);
  auto opened = hpkeOpen(kRfcSuite, kRecipientPrivate, kKemOutput, kInfo, kData, kCiphertext);
  CHECK(equal(opened.value().expose(), kPlaintext));
}

TEST_CASE("HPKE exports on both sides what RFC 9180 A.1.1.2 does") {
  struct Answer {
    std::string_view context, value;
  };
  for (auto [context, value] :
       {Answer{"", "3853fe2b4035195a573ffc53856e77058e15d9ea064de3e59f4961d0095250ee"},
        {"00", "2e8f0b54673c7029649d4eb9d5e33bf1872cf76d623ff164ac185da9e88c21a5"},
        {"54657374436f6e74657874", "e9e43065102c3836401bed8c3c3c75ae46be1639869391d62c61f1ec7af54931"}}) {
    ScriptedRandom random(kIkmE);
    HpkeExport sent = hpkeSendExport(kRfcSuite, kRecipientPublic, kInfo, hex(context), 32, random).value();
    CHECK(sent.kemOutput == kKemOutput);
    CHECK(toHex(sent.secret.expose()) == value);
    auto received = hpkeReceiveExport(kRfcSuite, kRecipientPrivate, kKemOutput, kInfo, hex(context), 32);
    CHECK(toHex(received.value().expose()) == value);
  }
}

TEST_CASE("an export may be as long as HKDF allows and no longer") {
  ScriptedRandom random(concat({kIkmE, kIkmE}));
  CHECK(hpkeSendExport(kRfcSuite, kRecipientPublic, {}, {}, 255 * 32, random).value().secret.size() == 255 * 32);
  CHECK(hpkeSendExport(kRfcSuite, kRecipientPublic, {}, {}, 255 * 32 + 1, random).error() == CryptoError::badLength);
  CHECK(hpkeReceiveExport(kRfcSuite, kRecipientPrivate, kKemOutput, {}, {}, 255 * 32 + 1).error() ==
        CryptoError::badLength);
}

TEST_CASE("every suite of ours opens what it sealed, and only with all of key, info and data right") {
  test::SeededRandom random(10);
  for (KemId kem : {KemId::x25519HkdfSha256, KemId::mlkem768X25519, KemId::p256HkdfSha256, KemId::p384HkdfSha384,
                    KemId::p521HkdfSha512, KemId::x448HkdfSha512}) {
    for (HashId kdf : {HashId::sha256, HashId::sha384, HashId::sha512}) {
      for (AeadId aead : kAeadIds) {
        HpkeSuite suite{kem, kdf, aead};
        KemKeyPair pair = generateKemKeyPair(kem, random);
        ByteView key = pair.privateKey.expose();
        auto sealed = hpkeSeal(suite, pair.publicKey, asBytes("i"), asBytes("d"), kPlaintext, random).value();
        auto open = [&](ByteView with, std::string_view info, std::string_view data) {
          return hpkeOpen(suite, with, sealed.kemOutput, asBytes(info), asBytes(data), sealed.ciphertext);
        };
        CHECK(equal(open(key, "i", "d").value().expose(), kPlaintext));
        CHECK(open(key, "j", "d").error() == CryptoError::badTag);
        CHECK(open(key, "i", "e").error() == CryptoError::badTag);
        CHECK(open(generateKemKeyPair(kem, random).privateKey.expose(), "i", "d").error() == CryptoError::badTag);
        auto sent = hpkeSendExport(suite, pair.publicKey, asBytes("i"), asBytes("c"), 48, random).value();
        auto received = hpkeReceiveExport(suite, key, sent.kemOutput, asBytes("i"), asBytes("c"), 48);
        CHECK(equal(received.value().expose(), sent.secret.expose()));
      }
    }
  }
}

TEST_CASE("the suite itself is bound: another KDF or AEAD does not open") {
  test::SeededRandom random(11);
  KemKeyPair pair = generateKemKeyPair(kProduct.kem, random);
  auto sealed = hpkeSeal(kProduct, pair.publicKey, {}, {}, kPlaintext, random).value();
  HpkeSuite other = kProduct;
  other.kdf = HashId::sha512;
  CHECK(hpkeOpen(other, pair.privateKey.expose(), sealed.kemOutput, {}, {}, sealed.ciphertext).error() ==
        CryptoError::badTag);
  other = kProduct;
  other.aead = AeadId::chacha20Poly1305;
  CHECK(hpkeOpen(other, pair.privateKey.expose(), sealed.kemOutput, {}, {}, sealed.ciphertext).error() ==
        CryptoError::badTag);
}

TEST_CASE("HPKE refuses bad keys, short ciphertexts and a KDF it has no code point for") {
  test::SeededRandom random(12);
  CHECK(hpkeSeal(kRfcSuite, Bytes(31), {}, {}, {}, random).error() == CryptoError::badLength);
  CHECK(hpkeSeal(kRfcSuite, Bytes(32), {}, {}, {}, random).error() == CryptoError::badPublicKey);
  CHECK(hpkeOpen(kRfcSuite, Bytes(33), kKemOutput, {}, {}, kCiphertext).error() == CryptoError::badLength);
  CHECK(hpkeOpen(kRfcSuite, kRecipientPrivate, Bytes(32), {}, {}, kCiphertext).error() == CryptoError::badPublicKey);
  CHECK(hpkeOpen(kRfcSuite, kRecipientPrivate, kKemOutput, kInfo, kData, Bytes(15)).error() == CryptoError::badLength);
  HpkeSuite sha3 = kRfcSuite;
  sha3.kdf = HashId::sha3_256;
  CHECK(hpkeSeal(sha3, kRecipientPublic, {}, {}, {}, random).error() == CryptoError::refused);
  CHECK(hpkeReceiveExport(sha3, kRecipientPrivate, kKemOutput, {}, {}, 32).error() == CryptoError::refused);
}

void checkKem(const test::Json& c, KemId kem) {
  KemKeyPair pair = deriveKemKeyPair(kem, c["ikmR"].hex());
  // The file has X448 keys with the bits already set that RFC 7748 §5 sets before use.
  if (kem != KemId::x448HkdfSha512) CHECK(equal(pair.privateKey.expose(), c["skRm"].hex()));
  CHECK(kemPublicKey(kem, c["skRm"].hex()) == pair.publicKey);
  CHECK(pair.publicKey == c["pkRm"].hex());
  ScriptedRandom random(c["ikmE"].hex());
  Encapsulation made = encapsulate(kem, pair.publicKey, random).value();
  CHECK(made.kemOutput == c["enc"].hex());
  CHECK(equal(made.sharedSecret.expose(), c["shared_secret"].hex()));
  CHECK(equal(decapsulate(kem, pair.privateKey.expose(), c["enc"].hex()).value().expose(), c["shared_secret"].hex()));
}

void checkMlKem(const test::Json& c) {
  Secret<64> seed = secret<64>(c["skRm"].hex());
  CHECK(mlKem768PublicKey(seed) == c["pkRm"].hex());
  auto made = mlKem768Encapsulate(c["pkRm"].hex(), secret<32>(c["ikmE"].hex())).value();
  CHECK(made.ciphertext == c["enc"].hex());
  CHECK(equal(made.sharedSecret.expose(), c["shared_secret"].hex()));
}

void checkHpke(const test::Json& c, const HpkeSuite& suite) {
  // Single shot: only the first message of a context exists here.
  test::Json first = c["encryptions"].at(0);
  ScriptedRandom random(c["ikmE"].hex());
  auto sealed = hpkeSeal(suite, c["pkRm"].hex(), c["info"].hex(), first["aad"].hex(), first["pt"].hex(), random);
  CHECK(sealed.value().ciphertext == first["ct"].hex());
  auto opened =
      hpkeOpen(suite, c["skRm"].hex(), c["enc"].hex(), c["info"].hex(), first["aad"].hex(), first["ct"].hex());
  CHECK(equal(opened.value().expose(), first["pt"].hex()));
  for (const test::Json& e : c["exports"].items()) {
    ScriptedRandom again(c["ikmE"].hex());
    Bytes context = e["exporter_context"].hex(), expected = e["exported_value"].hex();
    auto sent = hpkeSendExport(suite, c["pkRm"].hex(), c["info"].hex(), context, e["L"].number(), again);
    CHECK(equal(sent.value().secret.expose(), expected));
    auto received =
        hpkeReceiveExport(suite, c["skRm"].hex(), c["enc"].hex(), c["info"].hex(), context, e["L"].number());
    CHECK(equal(received.value().expose(), expected));
  }
}

// Of its 13 cases seven touch algorithms of this room. KEM 0x647a with HKDF is checked whole; KEM 0x647a and the DHKEMs
// stand with the SHAKE and TurboSHAKE KDFs (0x0010 …), which MLS does not use, so their KEM half is checked; of KEM
// 0x0041, ML-KEM-768 alone, the key, ciphertext and secret. The rest are other ML-KEMs and hybrids.
TEST_CASE("the hpke-pq vectors of our algorithms agree") {
  auto file = test::VectorFile::open("pq/hpke-pq-test-vectors.json");
  if (!file) return;
  constexpr uint64_t kHkdfSha256 = 1, kMlKem768 = 0x41;
  constexpr uint64_t kOurs[] = {0x10, 0x11, 0x20, 0x21, 0x647a};
  std::size_t checked = 0;
  for (const test::Json& c : file->json().items()) {
    uint64_t kem = c["kem_id"].number();
    INFO("kem " << kem << ", kdf " << c["kdf_id"].number());
    if (std::ranges::contains(kOurs, kem)) {
      checkKem(c, static_cast<KemId>(kem));
      if (c["kdf_id"].number() == kHkdfSha256) {
        checkHpke(c, {static_cast<KemId>(kem), HashId::sha256, static_cast<AeadId>(c["aead_id"].number())});
      }
    } else if (kem == kMlKem768) {
      checkMlKem(c);
    } else {
      continue;
    }
    ++checked;
    file->verified();
  }
  CHECK(checked == 7);
}

}  // namespace
}  // namespace qpq::crypto
