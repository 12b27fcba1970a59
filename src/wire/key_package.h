#pragma once

#include <optional>

#include "base/time.h"
#include "mls/message/key_package.h"
#include "wire/error.h"
#include "wire/people/certificate.h"
#include "wire/people/device_list.h"
#include "wire/types.h"

// What wire.md asks of key packages beyond RFC 9420 §10.1; the signatures of package and leaf are checked there.
namespace qpq::wire {

// The server's, before it keeps one for others to take: the credential is the session device's stored certificate, and
// the key fits; the product's suite and capabilities; a lifetime of at most 90 days, not over.
//   notAKeyPackageLeaf, leafCredential, leafKeyDiffers, otherCertificate, otherSuite, capabilityMissing,
//   lifetimeTooLong, lifetimeOver
Result<void> checkPublished(const mls::KeyPackage& keyPackage, const Certificate& stored, Instant now);

// What the taker holds of an account before it asks: the key it has pinned and the newest list it has seen, if any.
struct KnownAccount {
  AccountId account;
  std::optional<PublicKey> accountKey;
  std::optional<VerifiedDeviceList> list;
};
// The list that comes with the answer: of that account, under the pinned key, and later than the one known or the same.
//   otherAccount, otherAccountKey, and those of checkLater
Result<void> checkAnsweredList(const KnownAccount& known, const VerifiedDeviceList& answered);

// The taker's, for a package of `device`: its certificate is an active entry of the list, with the same key.
//   otherDevice, lifetimeNotBegun, those of checkPublished but otherCertificate, and those of checkCertified
Result<VerifiedCertificate> checkTaken(const mls::KeyPackage& keyPackage, const DeviceId& device,
                                       const VerifiedDeviceList& list, Instant now);

}  // namespace qpq::wire
