#include "mls/schedule/labelled.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/message/commit.h"
#include "support/seeded_random.h"

namespace qpq::mls {
namespace {

using crypto::kSuiteX25519;
using crypto::kSuiteXWing;
using test::SeededRandom;

std::string hex(const SecretBytes& secret) { return toHex(secret.expose()); }

// crypto-basics.json, cipher suite 1.
TEST_CASE("known answers of the labelled derivations") {
  CHECK(toHex(refHash(kSuiteX25519, "RefHash",
                      *fromHex("40312db83f651883c05ab26fa12c6af61930015c81947cfd0f129e6d99210bb2"))) ==
        "e8027fffc5f9bb469f29172538dc0f3a78f14f323495bbd2217eba7a77fb242a");
  CHECK(hex(expandWithLabel(kSuiteX25519, *fromHex("1499360a561335f4ef51d0a1b0d586900dc8007ae405b1ab79bf4207bb3d67e4"),
                            "ExpandWithLabel",
                            *fromHex("2ff8c1f9d9c1248f82e372ddb5791c771695e01882abca6a64097bd2f04c971f"), 16)) ==
        "c1e8eb360391526c0c64039f13e0c5b1");
  CHECK(hex(deriveSecret(kSuiteX25519, *fromHex("1a9ce178a53f8752d2513c27efe9c85133f6c0a97f7b35ac200695024a77228e"),
                         "DeriveSecret")) == "3b08c195a246c4ad469c1d11c10e62890d8fa6b684494ff925409efdb1ff0464");
  CHECK(hex(deriveTreeSecret(kSuiteX25519, *fromHex("5133c6f8bad297f5d3beacdf477f0c45ec51b02de659d305220c5f9385c6eb43"),
                             "DeriveTreeSecret", 2694881440, 32)) ==
        "8461f3ccc603eae52149a23a4134d29c880a1ad1ba70441e5d586e3521ec7b25");
}

TEST_CASE("a shorter output is no prefix of a longer one: the length is part of the label") {
  Bytes secret(32, 7);
  CHECK(hex(expandWithLabel(kSuiteX25519, secret, "label", {}, 16)) !=
        hex(expandWithLabel(kSuiteX25519, secret, "label", {}, 32)).substr(0, 32));
}

TEST_CASE("a signature counts for its label, its content and its key only") {
  SeededRandom random(1);
  for (const crypto::Suite& suite : {kSuiteX25519, kSuiteXWing}) {
    auto key = crypto::generateSignatureKey(suite.signature, random);
    auto other = crypto::generateSignatureKey(suite.signature, random);
    Bytes signature = signWithLabel(suite, key.privateKey.expose(), "A", asBytes("content")).value();
    CHECK(verifyWithLabel(suite, key.publicKey, "A", asBytes("content"), signature));
    CHECK(verifyWithLabel(suite, key.publicKey, "B", asBytes("content"), signature).error() ==
          Error(ErrorCode::invalidSignature));
    CHECK_FALSE(verifyWithLabel(suite, key.publicKey, "A", asBytes("contents"), signature));
    CHECK_FALSE(verifyWithLabel(suite, other.publicKey, "A", asBytes("content"), signature));
    CHECK_FALSE(verifyWithLabel(suite, key.publicKey, "A", asBytes("content"), {}));
    for (std::size_t size = 0; size < signature.size(); ++size) {
      CHECK_FALSE(verifyWithLabel(suite, key.publicKey, "A", asBytes("content"), ByteView(signature).first(size)));
    }
  }
}

TEST_CASE("what is sealed for a label and a context opens under no other") {
  SeededRandom random(2);
  for (const crypto::Suite& suite : {kSuiteX25519, kSuiteXWing}) {
    auto keys = crypto::generateKemKeyPair(suite.kem, random);
    ByteView privateKey = keys.privateKey.expose();
    HPKECiphertext sealed = encryptWithLabel(suite, keys.publicKey, "A", asBytes("c"), asBytes("p"), random).value();
    CHECK(asText(decryptWithLabel(suite, privateKey, "A", asBytes("c"), sealed).value().expose()) == "p");
    CHECK(decryptWithLabel(suite, privateKey, "B", asBytes("c"), sealed).error() == Error(ErrorCode::decryptionFailed));
    CHECK_FALSE(decryptWithLabel(suite, privateKey, "A", asBytes("d"), sealed));
    sealed.ciphertext.pop_back();
    CHECK_FALSE(decryptWithLabel(suite, privateKey, "A", asBytes("c"), sealed));
  }
}

}  // namespace
}  // namespace qpq::mls
