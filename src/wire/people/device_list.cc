#include "wire/people/device_list.h"

#include <algorithm>

namespace qpq::wire {

namespace {

bool hasKeyTwice(const DeviceListTBS& list) {
  std::vector<PublicKey> keys;
  keys.reserve(list.devices.size());
  for (const ListedDevice& listed : list.devices) keys.push_back(listed.deviceKey);
  std::ranges::sort(keys);
  return std::ranges::adjacent_find(keys) != keys.end();
}

Result<void> checkSameAccount(const VerifiedDeviceList& a, const VerifiedDeviceList& b) {
  if (a->account != b->account) return fail(ErrorCode::otherAccount);
  if (a->accountKey != b->accountKey) return fail(ErrorCode::otherAccountKey);
  return {};
}

// How one entry may differ between a list and any later one.
Result<void> checkEntry(const ListedDevice& before, const ListedDevice& after) {
  if (before.state == DeviceState::revoked) {
    if (after.state != DeviceState::revoked) return fail(ErrorCode::deviceReturned);
    if (after != before) return fail(ErrorCode::deviceChanged);
  } else if (after.state == DeviceState::active && after.deviceKey == before.deviceKey && after != before) {
    return fail(ErrorCode::deviceChanged);
  }
  return {};
}

Result<void> checkEntries(const VerifiedDeviceList& before, const VerifiedDeviceList& after) {
  for (const ListedDevice& listed : before->devices) {
    const ListedDevice* later = after.find(listed.device);
    if (later == nullptr) return fail(ErrorCode::deviceVanished);
    TRY(checkEntry(listed, *later));
  }
  return {};
}

// What two lists may show of one entry only when others lie between them.
Result<void> checkSingleStep(const VerifiedDeviceList& before, const VerifiedDeviceList& after) {
  for (const ListedDevice& listed : after->devices) {
    if (listed.state == DeviceState::active) continue;
    const ListedDevice* earlier = before.find(listed.device);
    if (earlier == nullptr) return fail(ErrorCode::deviceRevokedAtOnce);
    if (earlier->deviceKey != listed.deviceKey) return fail(ErrorCode::deviceChanged);
  }
  return {};
}

// The devices that stand in `after` with a key they did not have before.
std::vector<DeviceId> enrolledBetween(const VerifiedDeviceList& before, const VerifiedDeviceList& after) {
  std::vector<DeviceId> enrolled;
  for (const ListedDevice& listed : after->devices) {
    const ListedDevice* earlier = before.find(listed.device);
    if (earlier == nullptr || earlier->deviceKey != listed.deviceKey) enrolled.push_back(listed.device);
  }
  return enrolled;
}

Result<void> checkCertifiedByThisList(const VerifiedDeviceList& list, const VerifiedCertificate& certificate) {
  TRY(checkCertified(list, certificate));
  if (certificate->listVersion != list->listVersion) return fail(ErrorCode::certificateNotForList);
  return {};
}

}  // namespace

Result<VerifiedDeviceList> VerifiedDeviceList::check(DeviceList list) {
  const DeviceListTBS& tbs = list.tbs;
  if (tbs.listVersion == 0) return fail(ErrorCode::listVersion);
  if ((tbs.listVersion == 1) != (tbs.previous == Hash{})) return fail(ErrorCode::listPrevious);
  if (hasKeyTwice(tbs)) return fail(ErrorCode::deviceKeyTwice);
  if (!verify(tbs.accountKey, list)) return fail(ErrorCode::badSignature);
  return VerifiedDeviceList(std::move(list));
}

DeviceListTBS successorOf(const VerifiedDeviceList& before) {
  DeviceListTBS next = before.list().tbs;
  next.listVersion += 1;
  next.previous = before.hash();
  return next;
}

Result<void> checkSuccessor(const VerifiedDeviceList& before, const VerifiedDeviceList& after) {
  TRY(checkSameAccount(before, after));
  // Subtracted, not added: version 2^64 - 1 has no successor.
  if (after->listVersion - 1 != before->listVersion) return fail(ErrorCode::listNotNext);
  if (after->previous != before.hash()) return fail(ErrorCode::listPreviousDiffers);
  TRY(checkEntries(before, after));
  return checkSingleStep(before, after);
}

Result<void> checkLater(const VerifiedDeviceList& known, const VerifiedDeviceList& seen) {
  TRY(checkSameAccount(known, seen));
  if (seen->listVersion < known->listVersion) return fail(ErrorCode::listOlder);
  if (seen->listVersion == known->listVersion) {
    if (seen != known) return fail(ErrorCode::listForked);
    return {};
  }
  if (seen->listVersion - 1 == known->listVersion) return checkSuccessor(known, seen);
  return checkEntries(known, seen);
}

Result<void> checkCertified(const VerifiedDeviceList& list, const VerifiedCertificate& certificate) {
  if (certificate->account != list->account) return fail(ErrorCode::otherAccount);
  if (certificate->accountKey != list->accountKey) return fail(ErrorCode::otherAccountKey);
  const ListedDevice* listed = list.find(certificate->device);
  if (listed == nullptr) return fail(ErrorCode::deviceNotListed);
  if (listed->state == DeviceState::revoked) return fail(ErrorCode::deviceRevoked);
  if (listed->deviceKey != certificate->deviceKey) return fail(ErrorCode::deviceKeyDiffers);
  if (certificate->listVersion > list->listVersion) return fail(ErrorCode::certificateTooNew);
  return {};
}

Result<void> checkRegistration(const VerifiedDeviceList& first, const VerifiedCertificate& certificate) {
  if (first->listVersion != 1) return fail(ErrorCode::listNotNext);
  TRY(checkCertifiedByThisList(first, certificate));
  if (first->devices.size() != 1) return fail(ErrorCode::devicesNotEnrolled);
  return {};
}

Result<void> checkEnrolment(const VerifiedDeviceList& before, const VerifiedDeviceList& after,
                            const VerifiedCertificate& certificate) {
  TRY(checkSuccessor(before, after));
  TRY(checkCertifiedByThisList(after, certificate));
  if (enrolledBetween(before, after) != std::vector{certificate->device}) return fail(ErrorCode::devicesNotEnrolled);
  return {};
}

Result<void> checkRevocation(const VerifiedDeviceList& before, const VerifiedDeviceList& after) {
  TRY(checkSuccessor(before, after));
  if (!enrolledBetween(before, after).empty()) return fail(ErrorCode::devicesNotEnrolled);
  return {};
}

}  // namespace qpq::wire
