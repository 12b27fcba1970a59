#include "wire/key_package.h"

#include <utility>

#include "crypto/suite.h"
#include "wire/inside/capabilities.h"
#include "wire/inside/leaves.h"
#include "wire/limits.h"

namespace qpq::wire {

namespace {

bool canDoAll(const mls::Capabilities& capabilities) {
  return capabilities.supports(mls::ProtocolVersion::mls10) &&
         capabilities.supports(mls::CipherSuiteId{crypto::kProductSuite.id}) &&
         requiredCapabilities().metBy(capabilities);
}

// RFC 9420 §7.2 counts lifetimes in seconds.
Result<void> checkLifetime(const mls::Lifetime& lifetime, Instant now) {
  if (lifetime.notAfter < now.unixMs / kSecondMs) return fail(ErrorCode::lifetimeOver);
  bool isTooLong = lifetime.notAfter < lifetime.notBefore ||
                   lifetime.notAfter - lifetime.notBefore > kKeyPackageLifetimeMaxMs / kSecondMs;
  if (isTooLong) return fail(ErrorCode::lifetimeTooLong);
  return {};
}

// What both sides ask; returns the certificate.
Result<VerifiedCertificate> checkPackage(const mls::KeyPackage& keyPackage, Instant now) {
  const auto* lifetime = keyPackage.leafNode.source.as<mls::Lifetime>();
  if (lifetime == nullptr) return fail(ErrorCode::notAKeyPackageLeaf);
  if (std::to_underlying(keyPackage.cipherSuite) != crypto::kProductSuite.id) return fail(ErrorCode::otherSuite);
  if (!canDoAll(keyPackage.leafNode.capabilities)) return fail(ErrorCode::capabilityMissing);
  TRY(checkLifetime(*lifetime, now));
  return certificateOf(keyPackage.leafNode);
}

}  // namespace

Result<void> checkPublished(const mls::KeyPackage& keyPackage, const Certificate& stored, Instant now) {
  auto certificate = TRY(checkPackage(keyPackage, now));
  if (certificate.certificate() != stored) return fail(ErrorCode::otherCertificate);
  return {};
}

Result<void> checkAnsweredList(const KnownAccount& known, const VerifiedDeviceList& answered) {
  if (answered->account != known.account) return fail(ErrorCode::otherAccount);
  if (known.accountKey && answered->accountKey != *known.accountKey) return fail(ErrorCode::otherAccountKey);
  return known.list ? checkLater(*known.list, answered) : Result<void>();
}

Result<VerifiedCertificate> checkTaken(const mls::KeyPackage& keyPackage, const DeviceId& device,
                                       const VerifiedDeviceList& list, Instant now) {
  auto certificate = TRY(checkPackage(keyPackage, now));
  // The server does not get to choose between an account's devices either.
  if (certificate->device != device) return fail(ErrorCode::otherDevice);
  TRY(checkCertified(list, certificate));
  // Behind checkPackage the leaf is one of a key package.
  if (keyPackage.leafNode.source.as<mls::Lifetime>()->notBefore > now.unixMs / kSecondMs) {
    return fail(ErrorCode::lifetimeNotBegun);
  }
  return certificate;
}

}  // namespace qpq::wire
