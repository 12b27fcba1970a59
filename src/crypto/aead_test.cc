#include "crypto/aead.h"

#include <sys/mman.h>

#include <catch2/catch_test_macros.hpp>
#include <thread>

#include "crypto/vectors_test.h"
#include "support/seeded_random.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

struct Answer {
  AeadId id;
  std::string_view key, nonce, associatedData, plaintext, sealed;
};

constexpr std::string_view kGcmPlaintext =
    "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
    "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";
constexpr std::string_view kGcmData = "feedfacedeadbeeffeedfacedeadbeefabaddad2";

constexpr Answer kAnswers[] = {
    // McGrew and Viega, The Galois/Counter Mode of Operation, test case 4
    {AeadId::aes128Gcm, "feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888", kGcmData, kGcmPlaintext,
     "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e21d514b25466931c7d8f6a5aac84aa05"
     "1ba30b396a0aac973d58e0915bc94fbc3221a5db94fae95ae7121a47"},
    // test case 16
    {AeadId::aes256Gcm, "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308", "cafebabefacedbaddecaf888",
     kGcmData, kGcmPlaintext,
     "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa8cb08e48590dbb3da7b08b1056828838"
     "c5f61e6393ba7a0abcc9f66276fc6ece0f4e1768cddf8853bb2d551b"},
    // RFC 8439 §2.8.2
    {AeadId::chacha20Poly1305, "808182838485868788898a8b8c8d8e8f909192939495969798999a9b9c9d9e9f",
     "070000004041424344454647", "50515253c0c1c2c3c4c5c6c7",
     "4c616469657320616e642047656e746c656d656e206f662074686520636c617373206f66202739393a20496620492063"
     "6f756c64206f6666657220796f75206f6e6c79206f6e652074697020666f7220746865206675747572652c2073756e73"
     "637265656e20776f756c642062652069742e",
     "d31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b"
     "1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc"
     "3ff4def08e4b7a9de576d26586cec64b61161ae10b594f09e26a7e902ecbd0600691"},
};

TEST_CASE("the three AEADs give their published answers, sealed and opened") {
  for (const Answer& c : kAnswers) {
    auto sealed = aeadSeal(c.id, hex(c.key), hex(c.nonce), hex(c.associatedData), hex(c.plaintext));
    CHECK(toHex(sealed.value()) == c.sealed);
    auto opened = aeadOpen(c.id, hex(c.key), hex(c.nonce), hex(c.associatedData), hex(c.sealed));
    CHECK(toHex(opened.value().expose()) == c.plaintext);
  }
}

TEST_CASE("one changed bit anywhere is refused, and the next message opens as before") {
  for (const Answer& c : kAnswers) {
    Bytes key = hex(c.key), nonce = hex(c.nonce), data = hex(c.associatedData), sealed = hex(c.sealed);
    for (Bytes* part : {&key, &nonce, &data, &sealed}) {
      for (std::size_t bit = 0; bit < part->size() * 8; ++bit) {
        auto mask = static_cast<uint8_t>(1U << (bit % 8));
        (*part)[bit / 8] ^= mask;
        CHECK(aeadOpen(c.id, key, nonce, data, sealed).error() == CryptoError::badTag);
        (*part)[bit / 8] ^= mask;
      }
    }
    CHECK(toHex(aeadOpen(c.id, key, nonce, data, sealed).value().expose()) == c.plaintext);
  }
}

TEST_CASE("every other length of key and nonce, and a ciphertext without a whole tag, is refused") {
  for (const Answer& c : kAnswers) {
    const Bytes key = hex(c.key), nonce = hex(c.nonce), sealed = hex(c.sealed);
    const Bytes other(64);
    for (std::size_t size = 0; size <= other.size(); ++size) {
      ByteView wrong = ByteView(other).first(size);
      if (size != key.size()) {
        CHECK(aeadSeal(c.id, wrong, nonce, {}, {}).error() == CryptoError::badLength);
        CHECK(aeadOpen(c.id, wrong, nonce, {}, sealed).error() == CryptoError::badLength);
      }
      if (size != nonce.size()) {
        CHECK(aeadSeal(c.id, key, wrong, {}, {}).error() == CryptoError::badLength);
        CHECK(aeadOpen(c.id, key, wrong, {}, sealed).error() == CryptoError::badLength);
      }
    }
    for (std::size_t size = 0; size < sealed.size(); ++size) {
      auto expected = size < kAeadTagSize ? CryptoError::badLength : CryptoError::badTag;
      CHECK(aeadOpen(c.id, key, nonce, hex(c.associatedData), ByteView(sealed).first(size)).error() == expected);
    }
  }
}

TEST_CASE("an empty plaintext and empty associated data are sealed like any other") {
  for (AeadId id : kAeadIds) {
    Bytes key(aeadKeySize(id), uint8_t{3});
    Bytes nonce(kAeadNonceSize, uint8_t{4});
    Bytes nothing = aeadSeal(id, key, nonce, {}, {}).value();
    CHECK(nothing.size() == kAeadTagSize);
    CHECK(aeadOpen(id, key, nonce, {}, nothing).value().empty());
    CHECK(aeadOpen(id, key, nonce, asBytes("x"), nothing).error() == CryptoError::badTag);
    Bytes bound = aeadSeal(id, key, nonce, asBytes("x"), {}).value();
    CHECK(aeadOpen(id, key, nonce, asBytes("x"), bound).value().empty());
    CHECK(aeadOpen(id, key, nonce, {}, bound).error() == CryptoError::badTag);
  }
}

TEST_CASE("an input above the bound is refused before a byte of it is read") {
  // Address space without memory behind it: reading it would end the test.
  const std::size_t size = kAeadInputMax + 1;
  void* nowhere = mmap(nullptr, size + kAeadTagSize, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  REQUIRE(nowhere != MAP_FAILED);
  ByteView tooLong(static_cast<const uint8_t*>(nowhere), size);
  Bytes key(16);
  Bytes nonce(kAeadNonceSize);
  CHECK(aeadSeal(AeadId::aes128Gcm, key, nonce, {}, tooLong).error() == CryptoError::badLength);
  CHECK(aeadSeal(AeadId::aes128Gcm, key, nonce, tooLong, {}).error() == CryptoError::badLength);
  CHECK(aeadOpen(AeadId::aes128Gcm, key, nonce, tooLong, Bytes(16)).error() == CryptoError::badLength);
  ByteView sealed(tooLong.data(), size + kAeadTagSize);
  CHECK(aeadOpen(AeadId::aes128Gcm, key, nonce, {}, sealed).error() == CryptoError::badLength);
  munmap(nowhere, size + kAeadTagSize);
}

TEST_CASE("messages of any size come back, with algorithms and directions mixed") {
  test::SeededRandom random(2);
  for (int round = 0; round < 300; ++round) {
    AeadId id = kAeadIds[random.below(kAeadIds.size())];
    auto key = random.bytes<32>();
    auto nonce = random.bytes<kAeadNonceSize>();
    Bytes text(random.below(3000));
    random.fill(text);
    ByteView usedKey = ByteView(key).first(aeadKeySize(id));
    Bytes sealed = aeadSeal(id, usedKey, nonce, asBytes("data"), text).value();
    CHECK(sealed.size() == text.size() + kAeadTagSize);
    CHECK(equal(aeadOpen(id, usedKey, nonce, asBytes("data"), sealed).value().expose(), text));
  }
}

TEST_CASE("threads seal and open beside each other") {
  auto work = [](uint64_t seed, bool& passed) {
    test::SeededRandom random(seed);
    passed = true;
    for (int round = 0; round < 500; ++round) {
      AeadId id = kAeadIds[random.below(kAeadIds.size())];
      Bytes key(aeadKeySize(id), static_cast<uint8_t>(random.next()));
      auto nonce = random.bytes<kAeadNonceSize>();
      auto text = random.bytes<100>();
      auto opened = aeadOpen(id, key, nonce, {}, aeadSeal(id, key, nonce, {}, text).value());
      passed = passed && opened && equal(opened->expose(), text);
    }
  };
  bool first = false;
  bool second = false;
  {
    std::jthread one(work, 1, std::ref(first));
    std::jthread two(work, 2, std::ref(second));
  }
  CHECK(first);
  CHECK(second);
}

// Wycheproof also has AES-192 and nonces of other sizes. This room has neither: they must be refused for their length.
void checkCase(AeadId id, const test::Json& c) {
  INFO("tcId " << c["tcId"].number());
  Bytes key = c["key"].hex(), nonce = c["iv"].hex(), data = c["aad"].hex(), text = c["msg"].hex();
  Bytes expected = concat({c["ct"].hex(), c["tag"].hex()});
  auto opened = aeadOpen(id, key, nonce, data, expected);
  auto sealed = aeadSeal(id, key, nonce, data, text);
  if (key.size() != aeadKeySize(id) || nonce.size() != kAeadNonceSize) {
    CHECK(opened.error() == CryptoError::badLength);
    CHECK(sealed.error() == CryptoError::badLength);
  } else if (c["result"].string() == "valid") {
    CHECK(equal(opened.value().expose(), text));
    CHECK(sealed.value() == expected);
  } else {
    CHECK(opened.error() == CryptoError::badTag);
    CHECK(sealed.value() != expected);
  }
}

TEST_CASE("AES-GCM agrees with Wycheproof") {
  auto file = test::VectorFile::open("wycheproof/aes_gcm_test.json");
  if (!file) return;
  for (const test::Json& group : file->json()["testGroups"].items()) {
    AeadId id = group["keySize"].number() == 128 ? AeadId::aes128Gcm : AeadId::aes256Gcm;
    for (const test::Json& c : group["tests"].items()) {
      checkCase(id, c);
      file->verified();
    }
  }
}

TEST_CASE("ChaCha20-Poly1305 agrees with Wycheproof") {
  auto file = test::VectorFile::open("wycheproof/chacha20_poly1305_test.json");
  if (!file) return;
  for (const test::Json& group : file->json()["testGroups"].items()) {
    for (const test::Json& c : group["tests"].items()) {
      checkCase(AeadId::chacha20Poly1305, c);
      file->verified();
    }
  }
}

}  // namespace
}  // namespace qpq::crypto
