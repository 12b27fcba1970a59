#include "crypto/xwing.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/hash.h"
#include "crypto/mlkem768.h"
#include "crypto/vectors_test.h"
#include "support/seeded_random.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

// draft-connolly-cfrg-xwing-kem, first test vector. The long values by their SHA-256.
constexpr std::string_view kSeed = "7f9c2ba4e88f827d616045507605853ed73b8093f6efbc88eb1a6eacfa66ef26";
constexpr std::string_view kRandomness =
    "3cb1eea988004b93103cfb0aeefd2a686e01fa4a58e8a3639ca8a1e3f9ae57e2"
    "35b8cc873c23dc62b8d260169afa2f75ab916a58d974918835d25e6a435085b2";

TEST_CASE("X-Wing gives the values of its draft") {
  Secret<32> seed = secret<32>(kSeed);
  Bytes publicKey = xwingPublicKey(seed);
  CHECK(publicKey.size() == kXWingPublicKeySize);
  CHECK(toHex(sha256(publicKey)) == "2e816deebcd76c5c80d0cd2d174478871658e8e2ff42bc9d4a6e486372e856bb");
  auto made = xwingEncapsulate(publicKey, secret<64>(kRandomness)).value();
  CHECK(made.ciphertext.size() == kXWingCiphertextSize);
  CHECK(toHex(sha256(made.ciphertext)) == "17cd532d657e44c897ca6583e548a5424fc70bf54f99515a4d2bcf99e3469f33");
  CHECK(toHex(made.sharedSecret.expose()) == "d2df0522128f09dd8e2c92b1e905c793d8f57a54c3da25861f10bf4ca613e384");
  CHECK(constantTimeEqual(xwingDecapsulate(seed, made.ciphertext).value().expose(), made.sharedSecret.expose()));
}

TEST_CASE("a changed bit in either half of the ciphertext gives another secret") {
  Secret<32> seed = secret<32>(kSeed);
  auto made = xwingEncapsulate(xwingPublicKey(seed), secret<64>(kRandomness)).value();
  for (std::size_t at : {std::size_t{0}, kMlKem768CiphertextSize - 1, kMlKem768CiphertextSize, std::size_t{1118}}) {
    Bytes changed = made.ciphertext;
    changed[at] ^= 2;
    CHECK_FALSE(constantTimeEqual(xwingDecapsulate(seed, changed).value().expose(), made.sharedSecret.expose()));
  }
}

TEST_CASE("each half of a public key is checked") {
  Bytes publicKey = xwingPublicKey(secret<32>(kSeed));
  Bytes notReduced = publicKey;
  notReduced[0] = notReduced[1] = 0xff;
  CHECK(xwingEncapsulate(notReduced, secret<64>(kRandomness)).error() == CryptoError::badPublicKey);
  Bytes lowOrder = publicKey;
  std::ranges::fill(ByteSpan(lowOrder).last(32), uint8_t{0});
  CHECK(xwingEncapsulate(lowOrder, secret<64>(kRandomness)).error() == CryptoError::badPublicKey);
  Bytes ciphertext(kXWingCiphertextSize);
  CHECK(xwingDecapsulate(secret<32>(kSeed), ciphertext).error() == CryptoError::badPublicKey);
}

TEST_CASE("X-Wing keys and ciphertexts of another length are refused") {
  for (std::size_t size : std::initializer_list<std::size_t>{0, 32, 1119, 1120, 1121, 1184, 1215, 1216, 1217}) {
    const Bytes bytes(size);
    if (size != kXWingPublicKeySize) {
      CHECK(xwingEncapsulate(bytes, secret<64>(kRandomness)).error() == CryptoError::badLength);
    }
    if (size != kXWingCiphertextSize) {
      CHECK(xwingDecapsulate(secret<32>(kSeed), bytes).error() == CryptoError::badLength);
    }
  }
}

TEST_CASE("both sides of X-Wing agree for random keys") {
  test::SeededRandom random(5);
  for (int round = 0; round < 20; ++round) {
    Secret<32> seed = random.secret<32>();
    auto made = xwingEncapsulate(xwingPublicKey(seed), random.secret<64>()).value();
    CHECK(constantTimeEqual(xwingDecapsulate(seed, made.ciphertext).value().expose(), made.sharedSecret.expose()));
  }
}

TEST_CASE("every vector of the X-Wing draft agrees") {
  auto file = test::VectorFile::open("pq/xwing.json");
  if (!file) return;
  for (const test::Json& c : file->json()["vectors"].items()) {
    Secret<32> seed = secret<32>(c["seed"].hex());
    CHECK(c["sk"].hex() == c["seed"].hex());
    CHECK(xwingPublicKey(seed) == c["pk"].hex());
    auto made = xwingEncapsulate(c["pk"].hex(), secret<64>(c["eseed"].hex())).value();
    CHECK(made.ciphertext == c["ct"].hex());
    CHECK(equal(made.sharedSecret.expose(), c["ss"].hex()));
    CHECK(equal(xwingDecapsulate(seed, c["ct"].hex()).value().expose(), c["ss"].hex()));
    file->verified();
  }
}

}  // namespace
}  // namespace qpq::crypto
