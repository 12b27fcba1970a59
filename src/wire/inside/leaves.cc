#include "wire/inside/leaves.h"

namespace qpq::wire {

Result<VerifiedCertificate> certificateOf(const mls::LeafNode& leaf) {
  const auto* credential = leaf.credential.as<mls::BasicCredential>();
  if (credential == nullptr) return fail(ErrorCode::leafCredential);
  auto certificate = decode<Certificate>(credential->identity);
  if (!certificate) return fail(ErrorCode::leafCredential);
  auto verified = TRY(VerifiedCertificate::check(*std::move(certificate)));
  if (!equal(leaf.signatureKey, verified->deviceKey)) return fail(ErrorCode::leafKeyDiffers);
  return verified;
}

Result<Leaves> Leaves::check(const std::vector<VerifiedCertificate>& leaves) {
  Leaves checked;
  for (std::size_t i = 0; i < leaves.size(); ++i) {
    const VerifiedCertificate& leaf = leaves[i];
    const VerifiedCertificate* sibling = checked.anyOf(leaf->account);
    if (sibling != nullptr && (*sibling)->accountKey != leaf->accountKey) return fail(ErrorCode::accountKeysDiffer, i);
    if (!checked.leaves_.try_emplace(leaf.entry(), leaf).second) return fail(ErrorCode::deviceTwice, i);
  }
  return checked;
}

const VerifiedCertificate* Leaves::find(const RosterEntry& device) const {
  auto found = leaves_.find(device);
  return found != leaves_.end() ? &found->second : nullptr;
}

const VerifiedCertificate* Leaves::anyOf(const AccountId& account) const {
  auto found = leaves_.lower_bound({account, DeviceId{}});  // an account's devices lie together
  return found != leaves_.end() && found->first.account == account ? &found->second : nullptr;
}

std::vector<const VerifiedCertificate*> Leaves::withDevice(const DeviceId& device) const {
  std::vector<const VerifiedCertificate*> found;
  for (const auto& [entry, certificate] : leaves_) {
    if (entry.device == device) found.push_back(&certificate);
  }
  return found;
}

Sorted<RosterEntry> Leaves::entries() const {
  std::vector<RosterEntry> entries;
  entries.reserve(leaves_.size());
  for (const auto& [entry, certificate] : leaves_) entries.push_back(entry);
  return entries;
}

std::vector<VerifiedCertificate> Leaves::certificates() const {
  std::vector<VerifiedCertificate> certificates;
  certificates.reserve(leaves_.size());
  for (const auto& [entry, certificate] : leaves_) certificates.push_back(certificate);
  return certificates;
}

Result<void> checkLeafChange(const VerifiedCertificate& before, const VerifiedCertificate& after) {
  if (before.entry() != after.entry()) return fail(ErrorCode::leafOwnerChanged);
  if (before->accountKey != after->accountKey) return fail(ErrorCode::accountKeysDiffer);
  return {};
}

}  // namespace qpq::wire
