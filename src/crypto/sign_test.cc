#include "crypto/sign.h"

#include <catch2/catch_test_macros.hpp>

#include "crypto/vectors_test.h"
#include "support/seeded_random.h"
#include "support/vectors.h"

namespace qpq::crypto {
namespace {

constexpr auto kEd25519 = SignatureId::ed25519;

TEST_CASE("a generated key signs and its public key follows from the private one") {
  test::SeededRandom random(3);
  SignatureKeyPair pair = generateSignatureKey(kEd25519, random);
  CHECK(pair.privateKey.size() == 32);
  CHECK(signaturePublicKey(kEd25519, pair.privateKey.expose()).value() == pair.publicKey);
  Bytes signature = sign(kEd25519, pair.privateKey.expose(), asBytes("text")).value();
  CHECK(verify(kEd25519, pair.publicKey, asBytes("text"), signature).has_value());
  CHECK(verify(kEd25519, pair.publicKey, asBytes("other"), signature).error() == CryptoError::badSignature);
  SignatureKeyPair other = generateSignatureKey(kEd25519, random);
  CHECK(verify(kEd25519, other.publicKey, asBytes("text"), signature).error() == CryptoError::badSignature);
}

TEST_CASE("every scheme signs, verifies and refuses, with keys of its own sizes") {
  test::SeededRandom random(4);
  for (SignatureId id : {SignatureId::ecdsaP256Sha256, SignatureId::ecdsaP384Sha384, SignatureId::ecdsaP521Sha512,
                         SignatureId::ed25519, SignatureId::ed448}) {
    INFO("scheme " << static_cast<int>(id));
    SignatureKeyPair pair = generateSignatureKey(id, random);
    CHECK(pair.publicKey.size() == signaturePublicKeySize(id));
    CHECK(signaturePublicKey(id, pair.privateKey.expose()).value() == pair.publicKey);
    Bytes signature = sign(id, pair.privateKey.expose(), asBytes("text")).value();
    CHECK(sign(id, pair.privateKey.expose(), asBytes("text")).value() == signature);
    CHECK(verify(id, pair.publicKey, asBytes("text"), signature).has_value());
    CHECK(verify(id, pair.publicKey, asBytes("other"), signature).error() == CryptoError::badSignature);
    SignatureKeyPair other = generateSignatureKey(id, random);
    CHECK(other.publicKey != pair.publicKey);
    CHECK(verify(id, other.publicKey, asBytes("text"), signature).error() == CryptoError::badSignature);
    CHECK(sign(id, Bytes(pair.privateKey.size() + 1, 1), {}).error() == CryptoError::badLength);
    CHECK(signaturePublicKey(id, Bytes(pair.privateKey.size() - 1, 1)).error() == CryptoError::badLength);
    CHECK_FALSE(verify(id, Bytes(pair.publicKey.size() - 1, 1), {}, signature).has_value());
    CHECK_FALSE(verify(id, pair.publicKey, asBytes("text"), {}).has_value());
  }
}

TEST_CASE("the private key is the seed the caller's randomness gave") {
  ScriptedRandom random(hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  SignatureKeyPair pair = generateSignatureKey(kEd25519, random);
  CHECK(toHex(pair.publicKey) == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(random.usedUp());
}

TEST_CASE("keys and signatures of another length are refused") {
  const Bytes bytes(96);
  for (std::size_t size = 0; size <= bytes.size(); ++size) {
    ByteView wrong = ByteView(bytes).first(size);
    if (size != 32) {
      CHECK(signaturePublicKey(kEd25519, wrong).error() == CryptoError::badLength);
      CHECK(sign(kEd25519, wrong, {}).error() == CryptoError::badLength);
      CHECK(verify(kEd25519, wrong, {}, Bytes(64)).error() == CryptoError::badLength);
    }
    if (size != 64) CHECK(verify(kEd25519, Bytes(32), {}, wrong).error() == CryptoError::badLength);
  }
}

TEST_CASE("Ed25519 agrees with Wycheproof") {
  auto file = test::VectorFile::open("wycheproof/ed25519_test.json");
  if (!file) return;
  for (const test::Json& group : file->json()["testGroups"].items()) {
    Bytes key = group["publicKey"]["pk"].hex();
    for (const test::Json& c : group["tests"].items()) {
      INFO("tcId " << c["tcId"].number());
      Bytes signature = c["sig"].hex();
      auto verified = verify(kEd25519, key, c["msg"].hex(), signature);
      if (c["result"].string() == "valid") {
        CHECK(verified.has_value());
      } else {
        CHECK(verified.error() == (signature.size() == 64 ? CryptoError::badSignature : CryptoError::badLength));
      }
      file->verified();
    }
  }
}

}  // namespace
}  // namespace qpq::crypto
