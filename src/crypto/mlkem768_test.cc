#include "crypto/mlkem768.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/hash.h"
#include "crypto/vectors_test.h"
#include "support/seeded_random.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

// The first of the Kyber team's official seeds, as Wycheproof carries it for FIPS 203. The long values by their
// SHA-256.
constexpr std::string_view kSeed =
    "7c9935a0b07694aa0c6d10e4db6b1add2fd81a25ccb148032dcd739936737f2d"
    "8626ed79d451140800e03b59b956f8210e556067407d13dc90fa9e8b872bfb8f";
constexpr std::string_view kPublicKeyHash = "86adbca81f4fee893e2fb58fb98aa2fe188f501fed268d7f4056f8c05c4e53c4";
constexpr std::string_view kMessage = "147c03f7a5bebba406c8fae1874d7f13c80efe79a3a9a874cc09fe76f6997615";
constexpr std::string_view kCiphertextHash = "36829a2f35cbf4deb62c0a12a15c22dae9f8d2c252566fc24f88abe805cb575e";
constexpr std::string_view kShared = "e7184a0975ee3470878d2d159ec83129c8aec253d4ee17b4810311d198cd0368";

TEST_CASE("ML-KEM-768 gives the published key, ciphertext and secret") {
  Secret<64> seed = secret<64>(kSeed);
  Bytes publicKey = mlKem768PublicKey(seed);
  CHECK(publicKey.size() == kMlKem768PublicKeySize);
  CHECK(toHex(sha256(publicKey)) == kPublicKeyHash);
  auto made = mlKem768Encapsulate(publicKey, secret<32>(kMessage)).value();
  CHECK(toHex(sha256(made.ciphertext)) == kCiphertextHash);
  CHECK(toHex(made.sharedSecret.expose()) == kShared);
  CHECK(toHex(mlKem768Decapsulate(seed, made.ciphertext).value().expose()) == kShared);
}

TEST_CASE("a wrong ciphertext gives another secret, the same one each time, and no error (FIPS 203 §6.3)") {
  Secret<64> seed = secret<64>(kSeed);
  auto made = mlKem768Encapsulate(mlKem768PublicKey(seed), secret<32>(kMessage)).value();
  made.ciphertext[500] ^= 1;
  Secret<32> rejected = mlKem768Decapsulate(seed, made.ciphertext).value();
  CHECK_FALSE(constantTimeEqual(rejected.expose(), made.sharedSecret.expose()));
  CHECK(constantTimeEqual(rejected.expose(), mlKem768Decapsulate(seed, made.ciphertext).value().expose()));
}

TEST_CASE("ML-KEM-768 keys and ciphertexts of another length are refused") {
  Secret<64> seed = secret<64>(kSeed);
  const Bytes bytes(3000);
  for (std::size_t size :
       std::initializer_list<std::size_t>{0, 1, 1087, 1088, 1089, 1183, 1184, 1185, 2399, 2400, 2401, 3000}) {
    ByteView wrong = ByteView(bytes).first(size);
    if (size != kMlKem768PublicKeySize) {
      CHECK(mlKem768Encapsulate(wrong, secret<32>(kMessage)).error() == CryptoError::badLength);
    }
    if (size != kMlKem768CiphertextSize) {
      CHECK(mlKem768Decapsulate(seed, wrong).error() == CryptoError::badLength);
    }
    if (size != 2400) CHECK(mlKem768DecapsulateExpanded(wrong, Bytes(1088)).error() == CryptoError::badLength);
  }
  CHECK(mlKem768DecapsulateExpanded(Bytes(2400), Bytes(1088)).error() == CryptoError::badPrivateKey);
}

TEST_CASE("a public key with a coefficient not below 3329 is refused (FIPS 203 §7.2)") {
  Bytes publicKey = mlKem768PublicKey(secret<64>(kSeed));
  publicKey[0] = 0x01;  // the first coefficient, 12 bits little-endian: 0xd01 = 3329
  publicKey[1] = static_cast<uint8_t>((publicKey[1] & 0xf0) | 0x0d);
  CHECK(mlKem768Encapsulate(publicKey, secret<32>(kMessage)).error() == CryptoError::badPublicKey);
  publicKey[0] = 0x00;  // 3328
  CHECK(mlKem768Encapsulate(publicKey, secret<32>(kMessage)).has_value());
}

TEST_CASE("both sides of ML-KEM-768 agree for random keys") {
  test::SeededRandom random(4);
  for (int round = 0; round < 20; ++round) {
    Secret<64> seed = random.secret<64>();
    auto made = mlKem768Encapsulate(mlKem768PublicKey(seed), random.secret<32>()).value();
    CHECK(constantTimeEqual(mlKem768Decapsulate(seed, made.ciphertext).value().expose(), made.sharedSecret.expose()));
  }
}

template <class Check>
void forEachCase(std::string_view name, Check check) {
  auto file = test::VectorFile::open(name);
  if (!file) return;
  for (const test::Json& group : file->json()["testGroups"].items()) {
    for (const test::Json& c : group["tests"].items()) {
      INFO("tcId " << c["tcId"].number());
      check(c, c["result"].string() == "valid");
      file->verified();
    }
  }
}

TEST_CASE("ML-KEM-768 keys from seeds agree with Wycheproof") {
  forEachCase("wycheproof/mlkem_768_keygen_seed_test.json", [](const test::Json& c, bool valid) {
    REQUIRE(valid);
    Secret<64> seed = secret<64>(c["seed"].hex());
    Bytes publicKey = mlKem768PublicKey(seed);
    CHECK(publicKey == c["ek"].hex());
    // The expanded private key is the same key: what one side seals for it, the seed opens too.
    auto made = mlKem768Encapsulate(publicKey, secret<32>(kMessage)).value();
    Secret<32> expanded = mlKem768DecapsulateExpanded(c["dk"].hex(), made.ciphertext).value();
    CHECK(constantTimeEqual(expanded.expose(), made.sharedSecret.expose()));
  });
}

TEST_CASE("ML-KEM-768 encapsulation agrees with Wycheproof") {
  forEachCase("wycheproof/mlkem_768_encaps_test.json", [](const test::Json& c, bool valid) {
    Bytes publicKey = c["ek"].hex();
    auto made = mlKem768Encapsulate(publicKey, secret<32>(c["m"].hex()));
    if (valid) {
      CHECK(made.value().ciphertext == c["c"].hex());
      CHECK(equal(made.value().sharedSecret.expose(), c["K"].hex()));
    } else {
      bool rightLength = publicKey.size() == kMlKem768PublicKeySize;
      CHECK(made.error() == (rightLength ? CryptoError::badPublicKey : CryptoError::badLength));
    }
  });
}

TEST_CASE("ML-KEM-768 decapsulation from seeds agrees with Wycheproof") {
  forEachCase("wycheproof/mlkem_768_test.json", [](const test::Json& c, bool valid) {
    auto seed = detail::exactSecret<64>(c["seed"].hex());
    if (!seed) {  // a seed of another length does not get as far as ML-KEM
      CHECK_FALSE(valid);
      return;
    }
    auto shared = mlKem768Decapsulate(*seed, c["c"].hex());
    if (valid) {
      CHECK(mlKem768PublicKey(*seed) == c["ek"].hex());
      CHECK(equal(shared.value().expose(), c["K"].hex()));
    } else {
      CHECK(shared.error() == CryptoError::badLength);
    }
  });
}

TEST_CASE("ML-KEM-768 decapsulation with expanded keys agrees with Wycheproof") {
  forEachCase("wycheproof/mlkem_768_semi_expanded_decaps_test.json", [](const test::Json& c, bool valid) {
    Bytes key = c["dk"].hex(), ciphertext = c["c"].hex();
    auto shared = mlKem768DecapsulateExpanded(key, ciphertext);
    if (valid) {
      CHECK(equal(shared.value().expose(), c["K"].hex()));
    } else {
      bool rightLengths = key.size() == 2400 && ciphertext.size() == kMlKem768CiphertextSize;
      CHECK(shared.error() == (rightLengths ? CryptoError::badPrivateKey : CryptoError::badLength));
    }
  });
}

}  // namespace
}  // namespace qpq::crypto
