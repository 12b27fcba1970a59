#pragma once

#include <cstdint>
#include <tuple>

#include "wire/error.h"
#include "wire/sign.h"
#include "wire/types.h"

namespace qpq::wire {

struct CertificateTBS {
  static constexpr SignLabel kSignLabel = SignLabel::certificate;

  Version version = Version::one;
  AccountId account;
  PublicKey accountKey{};
  DeviceId device;
  PublicKey deviceKey{};
  uint64_t listVersion = 0;  // of the list in which this device, or this key of it, first stands

  bool operator==(const CertificateTBS&) const = default;
  static constexpr auto fields() {
    return std::tuple{&CertificateTBS::version, &CertificateTBS::account,   &CertificateTBS::accountKey,
                      &CertificateTBS::device,  &CertificateTBS::deviceKey, &CertificateTBS::listVersion};
  }
};

// The account says: this device, with this key, is mine. Signed by the account key; its encoding is the identity of the
// MLS basic credential.
using Certificate = Signed<CertificateTBS>;

// A certificate that verifies under its own account key. Whether that is the right key for the account, and whether the
// device is still one of its devices, the device list and the pinned key say.
class VerifiedCertificate {
 public:
  // certificateVersion, badSignature.
  static Result<VerifiedCertificate> check(Certificate certificate);
  // Of an encoded one; whatever decode() refuses, too.
  static Result<VerifiedCertificate> parse(ByteView encoded);

  const Certificate& certificate() const { return certificate_; }
  const CertificateTBS* operator->() const { return &certificate_.tbs; }
  RosterEntry entry() const { return {certificate_.tbs.account, certificate_.tbs.device}; }
  bool operator==(const VerifiedCertificate&) const = default;

 private:
  explicit VerifiedCertificate(Certificate certificate): certificate_(std::move(certificate)) {}
  Certificate certificate_;
};

}  // namespace qpq::wire
