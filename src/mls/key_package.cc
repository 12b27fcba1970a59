#include "mls/key_package.h"

#include <algorithm>

#include "mls/limits.h"
#include "mls/schedule/labelled.h"
#include "mls/tree/leaf_validation.h"

namespace qpq::mls {
namespace {

constexpr std::string_view kLabel = "KeyPackageTBS";

}  // namespace

Result<NewKeyPackage> createKeyPackage(const crypto::Suite& suite, const crypto::SignatureKeyPair& signer,
                                       KeyPackageOptions options, Random& random) {
  crypto::SigningKey signingKey = TRY(crypto::SigningKey::from(suite.signature, signer.privateKey.expose()));
  crypto::KemKeyPair init = crypto::generateKemKeyPair(suite.kem, random);
  crypto::KemKeyPair leaf = crypto::generateKemKeyPair(suite.kem, random);
  LeafNode leafNode{.encryptionKey = std::move(leaf.publicKey),
                    .signatureKey = signer.publicKey,
                    .credential = std::move(options.credential),
                    .capabilities = std::move(options.capabilities),
                    .source = {options.lifetime},
                    .extensions = std::move(options.leafExtensions)};
  TRY(checkLeafNode(suite, leafNode));
  // §10: the package's own extensions are listed, too. A receiver is not asked to check this.
  auto listed = [&](const Extension& extension) { return leafNode.capabilities.supports(extension.type); };
  if (!std::ranges::all_of(options.extensions.items, listed)) return fail(ErrorCode::leafExtensionUnlisted);

  leafNode = TRY(signLeafNode(suite, std::move(leafNode), {}, {}, signingKey));
  KeyPackage keyPackage{.cipherSuite = CipherSuiteId{suite.id},
                        .initKey = std::move(init.publicKey),
                        .leafNode = std::move(leafNode),
                        .extensions = std::move(options.extensions)};
  keyPackage.signature = TRY(signWithLabel(suite, signingKey, kLabel, encode(KeyPackageTBS{keyPackage})));
  return NewKeyPackage{std::move(keyPackage), {std::move(init.privateKey), std::move(leaf.privateKey)}};
}

KeyPackageRef keyPackageRef(const crypto::Suite& suite, const KeyPackage& keyPackage) {
  return refHash(suite, "MLS 1.0 KeyPackage Reference", encode(keyPackage));
}

Result<void> checkKeyPackage(const crypto::Suite& suite, const KeyPackage& keyPackage) {
  const LeafNode& leaf = keyPackage.leafNode;
  if (keyPackage.cipherSuite != CipherSuiteId{suite.id}) return fail(ErrorCode::wrongSuite);
  if (leaf.source.type() != LeafNodeSource::keyPackage) return fail(ErrorCode::leafSource);
  if (keyPackage.initKey.size() != crypto::kemPublicKeySize(suite.kem)) return fail(ErrorCode::invalidKey);
  if (keyPackage.initKey == leaf.encryptionKey) return fail(ErrorCode::initKeyReused);
  Bytes tbs = encode(KeyPackageTBS{keyPackage});
  if (!verifyWithLabel(suite, leaf.signatureKey, kLabel, tbs, keyPackage.signature)) {
    return fail(ErrorCode::keyPackageSignature);
  }
  return {};
}

Result<VerifiedKeyPackage> VerifiedKeyPackage::check(KeyPackage keyPackage, const crypto::Suite& suite, Instant now) {
  TRY(checkKeyPackage(suite, keyPackage));
  TRY(checkLeafNode(suite, keyPackage.leafNode));
  TRY(checkLifetime(keyPackage.leafNode, now, kKeyPackageLifetimeMaxSeconds));
  TRY(verifyLeafSignature(suite, keyPackage.leafNode, {}, {}));
  return VerifiedKeyPackage(std::move(keyPackage));
}

}  // namespace qpq::mls
