#include "mls/key_package.h"

#include <catch2/catch_test_macros.hpp>

#include "mls/limits.h"
#include "mls/schedule/labelled.h"
#include "mls/tree/leaf_validation.h"
#include "support/seeded_random.h"

namespace qpq::mls {
namespace {

using crypto::kProductSuite;
using test::SeededRandom;

constexpr uint64_t kDay = 24 * 3'600;
constexpr Instant kNow{1'000 * kDay * kSecondMs};

struct Scene {
  SeededRandom random{20};
  crypto::SignatureKeyPair signer = crypto::generateSignatureKey(kProductSuite.signature, random);

  KeyPackageOptions options() const {
    return {.credential = {BasicCredential{{1, 2, 3}}},
            .capabilities = {.versions = {ProtocolVersion::mls10},
                             .cipherSuites = {CipherSuiteId{kProductSuite.id}},
                             .extensions = {ExtensionType{0xf0c1}},
                             .credentials = {CredentialType::basic}},
            .lifetime = {999 * kDay, 1'030 * kDay}};
  }
  NewKeyPackage make() { return createKeyPackage(kProductSuite, signer, options(), random).value(); }
  // Signed anew after a change, as its owner could.
  KeyPackage resigned(KeyPackage changed) {
    ByteView key = signer.privateKey.expose();
    changed.leafNode = signLeafNode(kProductSuite, std::move(changed.leafNode), {}, {}, key).value();
    changed.signature = signWithLabel(kProductSuite, key, "KeyPackageTBS", encode(KeyPackageTBS{changed})).value();
    return changed;
  }
};

Error refusal(KeyPackage keyPackage, Instant now = kNow) {
  return VerifiedKeyPackage::check(std::move(keyPackage), kProductSuite, now).error();
}

TEST_CASE("a key package is made with its private keys, and checked by whoever takes it") {
  Scene scene;
  NewKeyPackage made = scene.make();
  auto checked = VerifiedKeyPackage::check(made.keyPackage, kProductSuite, kNow);
  REQUIRE(checked);
  CHECK(checked->keyPackage() == made.keyPackage);
  CHECK(checked->leafNode().credential == Credential{BasicCredential{{1, 2, 3}}});
  CHECK(crypto::kemPublicKey(kProductSuite.kem, made.privateKeys.initKey.expose()) == made.keyPackage.initKey);
  CHECK(crypto::kemPublicKey(kProductSuite.kem, made.privateKeys.leafKey.expose()) ==
        made.keyPackage.leafNode.encryptionKey);
  CHECK(keyPackageRef(kProductSuite, made.keyPackage).size() == 48);
  CHECK(keyPackageRef(kProductSuite, made.keyPackage) != keyPackageRef(kProductSuite, scene.make().keyPackage));
}

TEST_CASE("the private keys of a package survive storage") {
  Scene scene;
  NewKeyPackage made = scene.make();
  auto loaded = decode<KeyPackagePrivateKeys>(encodeSecret(made.privateKeys).expose()).value();
  CHECK(constantTimeEqual(loaded.initKey.expose(), made.privateKeys.initKey.expose()));
  CHECK(constantTimeEqual(loaded.leafKey.expose(), made.privateKeys.leafKey.expose()));
}

TEST_CASE("a key package counts between the moments of its lifetime") {
  Scene scene;
  KeyPackage good = scene.make().keyPackage;
  auto at = [](uint64_t seconds) { return Instant{seconds * kSecondMs}; };
  CHECK(refusal(good, at(999 * kDay - 1)) == Error(ErrorCode::lifetimeNotBegun));
  CHECK(VerifiedKeyPackage::check(good, kProductSuite, at(999 * kDay)));
  CHECK(VerifiedKeyPackage::check(good, kProductSuite, at(1'030 * kDay)));
  CHECK(refusal(good, at(1'030 * kDay + 1)) == Error(ErrorCode::lifetimeOver));
  good.leafNode.source = {Lifetime{999 * kDay, 999 * kDay + kKeyPackageLifetimeMaxSeconds}};
  CHECK(VerifiedKeyPackage::check(scene.resigned(good), kProductSuite, kNow));
  good.leafNode.source = {Lifetime{999 * kDay, 999 * kDay + kKeyPackageLifetimeMaxSeconds + 1}};
  CHECK(refusal(scene.resigned(good)) == Error(ErrorCode::lifetimeTooLong));
  good.leafNode.source = {Lifetime{0, UINT64_MAX}};
  CHECK(refusal(scene.resigned(good)) == Error(ErrorCode::lifetimeTooLong));
}

TEST_CASE("a key package that breaks a rule is refused with the rule's name") {
  Scene scene;
  KeyPackage good = scene.make().keyPackage;
  auto changed = [&](auto change) {
    KeyPackage result = good;
    change(result);
    return scene.resigned(std::move(result));
  };
  CHECK(refusal(changed([](KeyPackage& k) { k.cipherSuite = CipherSuiteId{1}; })) == Error(ErrorCode::wrongSuite));
  CHECK(refusal(changed([](KeyPackage& k) { k.leafNode.source = {UpdateSource{}}; })) == Error(ErrorCode::leafSource));
  CHECK(refusal(changed([](KeyPackage& k) { k.initKey = k.leafNode.encryptionKey; })) ==
        Error(ErrorCode::initKeyReused));
  CHECK(refusal(changed([](KeyPackage& k) { k.initKey.clear(); })) == Error(ErrorCode::invalidKey));
  CHECK(refusal(changed([](KeyPackage& k) { k.leafNode.encryptionKey.pop_back(); })) ==
        Error(ErrorCode::leafKeyLength));
  CHECK(refusal(changed([](KeyPackage& k) { k.leafNode.capabilities.versions.clear(); })) ==
        Error(ErrorCode::leafVersionUnsupported));
  CHECK(refusal(changed([](KeyPackage& k) { k.leafNode.capabilities.cipherSuites.clear(); })) ==
        Error(ErrorCode::leafSuiteUnsupported));
  CHECK(refusal(changed([](KeyPackage& k) { k.leafNode.extensions.items.push_back({ExtensionType{0xf0ff}, {}}); })) ==
        Error(ErrorCode::leafExtensionUnlisted));
  KeyPackage forged = good;
  forged.signature[63] ^= 1;
  CHECK(refusal(forged) == Error(ErrorCode::keyPackageSignature));
  forged = good;
  forged.leafNode.signature[63] ^= 1;
  forged.signature =
      signWithLabel(kProductSuite, scene.signer.privateKey.expose(), "KeyPackageTBS", encode(KeyPackageTBS{forged}))
          .value();
  CHECK(refusal(forged) == Error(ErrorCode::leafSignature));
}

TEST_CASE("unknown capabilities and extensions of a key package are ignored (RFC 9420 §13.5)") {
  Scene scene;
  KeyPackage grease = scene.make().keyPackage;
  grease.leafNode.capabilities.cipherSuites.push_back(CipherSuiteId{0x0a0a});
  grease.leafNode.capabilities.extensions.push_back(ExtensionType{0x1a1a});
  grease.leafNode.capabilities.proposals.push_back(ProposalType{0x2a2a});
  grease.leafNode.capabilities.credentials.push_back(CredentialType{0x3a3a});
  grease.leafNode.extensions.items.push_back({ExtensionType{0x1a1a}, {1}});
  grease.extensions.items.push_back({ExtensionType{0x4a4a}, {2}});
  CHECK(VerifiedKeyPackage::check(scene.resigned(grease), kProductSuite, kNow));
}

TEST_CASE("a package that nobody could use is not made") {
  Scene scene;
  KeyPackageOptions options = scene.options();
  options.capabilities.cipherSuites.clear();
  CHECK(createKeyPackage(kProductSuite, scene.signer, options, scene.random).error() ==
        Error(ErrorCode::leafSuiteUnsupported));
  options = scene.options();
  options.extensions.items.push_back({ExtensionType{0xf0ff}, {}});
  CHECK(createKeyPackage(kProductSuite, scene.signer, options, scene.random).error() ==
        Error(ErrorCode::leafExtensionUnlisted));
}

}  // namespace
}  // namespace qpq::mls
