#include "mls/tree/leaf_validation.h"

#include <algorithm>

#include "mls/schedule/labelled.h"
#include "mls/tree/certificate.h"

namespace qpq::mls {

namespace {

constexpr std::string_view kLabel = "LeafNodeTBS";

// RFC 9420 §5.3: the leaf's key is the one its certificate is for.
Result<void> checkCredential(const LeafNode& leaf) {
  const auto* chain = leaf.credential.as<X509Credential>();
  if (!chain) return {};
  auto key = chain->certificates.empty() ? std::nullopt : certifiedKey(chain->certificates.front());
  if (!key) return fail(ErrorCode::certificateMalformed);
  return equal(*key, leaf.signatureKey) ? Result<void>() : fail(ErrorCode::certificateKeyMismatch);
}

}  // namespace

Result<LeafNode> signLeafNode(const crypto::Suite& suite, LeafNode leaf, ByteView groupId, LeafIndex index,
                              crypto::Signer signer) {
  leaf.signature = TRY(signWithLabel(suite, signer, kLabel, encode(LeafNodeTBS{leaf, groupId, index})));
  return leaf;
}

Result<void> verifyLeafSignature(const crypto::Suite& suite, const LeafNode& leaf, ByteView groupId, LeafIndex index) {
  Bytes tbs = encode(LeafNodeTBS{leaf, groupId, index});
  if (!verifyWithLabel(suite, leaf.signatureKey, kLabel, tbs, leaf.signature)) {
    return fail(ErrorCode::leafSignature, index.value);
  }
  return {};
}

Result<void> checkLeafNode(const crypto::Suite& suite, const LeafNode& leaf) {
  if (leaf.encryptionKey.size() != crypto::kemPublicKeySize(suite.kem)) return fail(ErrorCode::leafKeyLength);
  if (leaf.signatureKey.size() != crypto::signaturePublicKeySize(suite.signature))
    return fail(ErrorCode::leafKeyLength);
  const Capabilities& can = leaf.capabilities;
  if (!can.supports(ProtocolVersion::mls10)) return fail(ErrorCode::leafVersionUnsupported);
  if (!can.supports(CipherSuiteId{suite.id})) return fail(ErrorCode::leafSuiteUnsupported);
  if (!can.supports(leaf.credential.type())) return fail(ErrorCode::leafCredentialUnlisted);
  auto listed = [&](const Extension& extension) { return can.supports(extension.type); };
  if (!std::ranges::all_of(leaf.extensions.items, listed)) return fail(ErrorCode::leafExtensionUnlisted);
  return checkCredential(leaf);
}

Result<void> checkReplacement(ByteView before, const LeafNode& after, LeafNodeSource source) {
  if (after.source.type() != source) return fail(ErrorCode::leafSource);
  if (equal(after.encryptionKey, before)) return fail(ErrorCode::leafKeyUnchanged);
  return {};
}

Result<void> checkLifetime(const LeafNode& leaf, Instant now, uint64_t lifetimeMaxSeconds) {
  const auto* lifetime = leaf.source.as<Lifetime>();
  if (!lifetime) return fail(ErrorCode::leafSource);
  uint64_t seconds = now.unixMs / kSecondMs;
  if (seconds < lifetime->notBefore) return fail(ErrorCode::lifetimeNotBegun);
  if (seconds > lifetime->notAfter) return fail(ErrorCode::lifetimeOver);
  if (lifetime->notAfter - lifetime->notBefore > lifetimeMaxSeconds) return fail(ErrorCode::lifetimeTooLong);
  return {};
}

Result<GroupRequirements> GroupRequirements::of(const GroupContext& context) {
  GroupRequirements requirements;
  for (const Extension& extension : context.extensions.items) requirements.extensions_.push_back(extension.type);
  if (const Extension* required = context.extensions.find(ExtensionType::requiredCapabilities)) {
    requirements.required_ = TRY(decode<RequiredCapabilities>(required->data));
  }
  return requirements;
}

Result<void> GroupRequirements::check(const LeafNode& leaf) const {
  if (!required_.metBy(leaf.capabilities)) return fail(ErrorCode::requiredCapability);
  auto supported = [&](ExtensionType type) { return leaf.capabilities.supports(type); };
  if (!std::ranges::all_of(extensions_, supported)) return fail(ErrorCode::groupExtensionUnsupported);
  return {};
}

}  // namespace qpq::mls
