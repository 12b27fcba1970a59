#pragma once

#include <map>
#include <vector>

#include "mls/message/leaf_node.h"
#include "wire/error.h"
#include "wire/people/certificate.h"
#include "wire/sorted.h"
#include "wire/types.h"

namespace qpq::wire {

// A leaf by itself: its basic credential is a certificate that verifies, and its signature_key is the certificate's
// deviceKey. leafCredential, leafKeyDiffers, and those of VerifiedCertificate.
Result<VerifiedCertificate> certificateOf(const mls::LeafNode& leaf);

// The leaves of one tree, which together keep the rules of a valid leaf: one account key per account, one leaf per
// device. Validity rests on nothing else: pinned keys, lists and revocations are alarms and the adder's checks.
class Leaves {
 public:
  // accountKeysDiffer, deviceTwice (index into the list)
  static Result<Leaves> check(const std::vector<VerifiedCertificate>& leaves);

  const VerifiedCertificate* find(const RosterEntry& device) const;  // nullptr if it has no leaf
  bool holds(const RosterEntry& device) const { return find(device) != nullptr; }
  bool holdsAccount(const AccountId& account) const { return anyOf(account) != nullptr; }
  const VerifiedCertificate* anyOf(const AccountId& account) const;  // nullptr if it has no leaf
  // Those whose device has this id: more than one if accounts share it, which nothing forbids.
  std::vector<const VerifiedCertificate*> withDevice(const DeviceId& device) const;
  Sorted<RosterEntry> entries() const;
  std::vector<VerifiedCertificate> certificates() const;
  std::size_t size() const { return leaves_.size(); }
  bool operator==(const Leaves&) const = default;

 private:
  std::map<RosterEntry, VerifiedCertificate> leaves_;
};

// A leaf changes only to the same account and device, under the same account key: leafOwnerChanged, accountKeysDiffer.
Result<void> checkLeafChange(const VerifiedCertificate& before, const VerifiedCertificate& after);

}  // namespace qpq::wire
