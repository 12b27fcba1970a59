#include "mls/tree/certificate.h"

#include <array>
#include <catch2/catch_test_macros.hpp>

#include "mls/group/group_scene_test.h"
#include "mls/tree/certificate_scene_test.h"
#include "mls/tree/leaf_validation.h"

namespace qpq::mls {
namespace {

Bytes certificate() { return *fromHex(kCertificate); }

TEST_CASE("the key of a certificate is found, and cut or stretched bytes are no certificate") {
  Bytes whole = certificate();
  auto key = certifiedKey(whole);
  REQUIRE(key);
  CHECK(toHex(*key) == kPublic);
  for (std::size_t size = 0; size < whole.size(); ++size) CHECK_FALSE(certifiedKey(ByteView(whole).first(size)));
  Bytes longer = whole;
  longer.push_back(0);
  CHECK_FALSE(certifiedKey(longer));
  // Lengths that are not in their shortest form, or of no end.
  for (const char* bytes : {"30", "3080", "308100", "30820001", "3083000001", "308400000001", "30ff"}) {
    CHECK_FALSE(certifiedKey(*fromHex(bytes)));
  }
}

TEST_CASE("whatever one byte is changed to, nothing is read beyond the certificate") {
  Bytes whole = certificate();
  for (std::size_t i = 0; i < whole.size(); ++i) {
    for (uint8_t value : std::to_array<uint8_t>({0x00, 0x30, 0x7f, 0x80, 0x84, 0xff})) {
      Bytes changed = whole;
      changed[i] = value;
      if (auto key = certifiedKey(changed)) CHECK(key->size() <= whole.size());
    }
  }
}

// RFC 9420 §5.3: the leaf's signature key is the one of the end entity.
TEST_CASE("a leaf with an X.509 credential bears the key its certificate is for") {
  GroupScene scene;
  crypto::SignatureKeyPair signer{SecretBytes(*fromHex(kPrivate)), *fromHex(kPublic)};
  auto package = [&](const crypto::SignatureKeyPair& by, Credential credential) {
    Capabilities can = scene.capabilities();
    can.credentials.push_back(CredentialType::x509);
    return createKeyPackage(
        scene.suite, by, {.credential = std::move(credential), .capabilities = can, .lifetime = GroupScene::lifetime()},
        scene.random);
  };
  Credential certified{X509Credential{{certificate()}}};
  CHECK(package(signer, certified));
  CHECK(package(scene.client("mallory").signer, certified).error() == Error(ErrorCode::certificateKeyMismatch));
  CHECK(package(signer, {X509Credential{}}).error() == Error(ErrorCode::certificateMalformed));
  CHECK(package(signer, {X509Credential{{Bytes{1, 2, 3}}}}).error() == Error(ErrorCode::certificateMalformed));
}

TEST_CASE("members with certificates and with bare identities share a group, if all support both (§13.3)") {
  GroupScene scene;
  GroupOptions options = scene.options("alice");
  options.groupContextExtensions = {};
  options.capabilities.credentials.push_back(CredentialType::x509);
  scene.client("alice").group = Group::create(scene.suite, scene.client("alice").signer, options, scene.random).value();
  crypto::SignatureKeyPair signer{SecretBytes(*fromHex(kPrivate)), *fromHex(kPublic)};
  KeyPackageOptions bob{.credential = {X509Credential{{certificate()}}},
                        .capabilities = options.capabilities,
                        .lifetime = GroupScene::lifetime()};
  NewKeyPackage package = createKeyPackage(scene.suite, signer, bob, scene.random).value();
  CommitPlan plan;
  plan.adds.push_back(VerifiedKeyPackage::check(package.keyPackage, scene.suite, kNow).value());
  const PendingCommit* pending = scene["alice"].commit(plan, {}, scene.random).value();
  auto welcome = decode<MLSMessage>(*pending->welcome()).value();
  JoinedGroup joined =
      Group::join(*welcome.as<Welcome>(), package.keyPackage, package.privateKeys, signer.privateKey.expose(), {})
          .value();
  CHECK(joined.group.members()[1].credential == bob.credential);
  scene["alice"].merge(pending->digest()).value();
  CommitPlan poor;
  poor.adds.push_back(scene.package("carol"));  // knows basic credentials only
  CHECK(scene["alice"].commit(poor, {}, scene.random).error() == Error(ErrorCode::credentialUnsupported, 2));
}

}  // namespace
}  // namespace qpq::mls
