#include <sodium.h>

#include <catch2/catch_test_macros.hpp>

#include "crypto/sign.h"
#include "support/seeded_random.h"

namespace qpq::crypto {
namespace {

TEST_CASE("a key made ready signs as its bytes do, in every scheme") {
  test::SeededRandom random(11);
  for (SignatureId id : {SignatureId::ecdsaP256Sha256, SignatureId::ecdsaP384Sha384, SignatureId::ecdsaP521Sha512,
                         SignatureId::ed25519, SignatureId::ed448}) {
    INFO("scheme " << static_cast<int>(id));
    SignatureKeyPair pair = generateSignatureKey(id, random);
    SigningKey key = SigningKey::from(id, pair.privateKey.expose()).value();
    CHECK(key.publicKey() == pair.publicKey);
    CHECK(equal(key.expose(), pair.privateKey.expose()));
    Bytes expected = sign(id, pair.privateKey.expose(), asBytes("text")).value();
    CHECK(key.sign(asBytes("text")).value() == expected);
    CHECK(key.clone().sign(asBytes("text")).value() == expected);
    CHECK(key.clone().publicKey() == pair.publicKey);
    CHECK(Signer(key).sign(id, asBytes("text")).value() == expected);
    CHECK(Signer(pair.privateKey.expose()).sign(id, asBytes("text")).value() == expected);
    CHECK(SigningKey::from(id, pair.privateKey.expose().first(5)).error() == CryptoError::badLength);
  }
}

TEST_CASE("a scalar that is none is refused when the key is made ready") {
  CHECK(SigningKey::from(SignatureId::ecdsaP256Sha256, Bytes(32)).error() == CryptoError::badPrivateKey);
}

TEST_CASE("nobody's key signs nothing") {
  SigningKey nobody;
  CHECK(nobody.sign(asBytes("text")).error() == CryptoError::badPrivateKey);
  CHECK(nobody.publicKey().empty());
  CHECK(nobody.expose().empty());
  CHECK(nobody.clone().sign({}).error() == CryptoError::badPrivateKey);
  CHECK_FALSE(Signer().sign(SignatureId::ed25519, asBytes("text")).has_value());
}

TEST_CASE("an Ed25519 signature is the same whichever library makes it for the message's size") {
  test::SeededRandom random(12);
  Secret<32> seed = random.secret<32>();
  Ed25519Key key(seed);
  ByteArray<32> publicKey;
  Secret<64> expanded;
  REQUIRE(sodium_init() >= 0);
  crypto_sign_ed25519_seed_keypair(publicKey.data(), expanded.writable().data(), seed.expose().data());
  for (std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{40'959}, std::size_t{40'960},
                           std::size_t{40'961}, std::size_t{300'000}}) {
    INFO("size " << size);
    Bytes message(size);
    random.fill(message);
    Ed25519Signature expected;
    crypto_sign_ed25519_detached(expected.data(), nullptr, message.data(), size, expanded.expose().data());
    CHECK(key.sign(message) == expected);
    CHECK(verifyEd25519(key.publicKey(), message, key.sign(message)));
  }
}

}  // namespace
}  // namespace qpq::crypto
