#pragma once

#include <cstdint>
#include <tuple>
#include <vector>

#include "wire/error.h"
#include "wire/limits.h"
#include "wire/people/certificate.h"
#include "wire/sign.h"
#include "wire/sorted.h"
#include "wire/types.h"

namespace qpq::wire {

enum class DeviceState : uint8_t { active = 1, revoked = 2 };
constexpr bool isKnown(DeviceState state) { return state == DeviceState::active || state == DeviceState::revoked; }

struct ListedDevice {
  DeviceId device;
  PublicKey deviceKey{};
  DeviceState state = DeviceState::active;
  uint64_t changedMs = 0;  // when the account last changed this entry, by the clock of the device that did

  bool operator==(const ListedDevice&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ListedDevice::device, &ListedDevice::deviceKey, &ListedDevice::state, &ListedDevice::changedMs};
  }
};
inline const DeviceId& sortKey(const ListedDevice& listed) { return listed.device; }

struct DeviceListTBS {
  static constexpr SignLabel kSignLabel = SignLabel::devices;

  Version version = Version::one;
  AccountId account;
  PublicKey accountKey{};
  uint64_t listVersion = 0;  // from 1
  Hash previous{};           // SHA-256 of the DeviceList before this one; zeros in the first
  Sorted<ListedDevice, kListedDevicesMax> devices;

  bool operator==(const DeviceListTBS&) const = default;
  static constexpr auto fields() {
    return std::tuple{&DeviceListTBS::version,     &DeviceListTBS::account,  &DeviceListTBS::accountKey,
                      &DeviceListTBS::listVersion, &DeviceListTBS::previous, &DeviceListTBS::devices};
  }
};

// Every device an account ever had, and which of them it has revoked. Signed by the account key.
using DeviceList = Signed<DeviceListTBS>;
inline const AccountId& sortKey(const DeviceList& list) { return list.tbs.account; }

// A list that keeps every rule a list keeps by itself.
class VerifiedDeviceList {
 public:
  // listVersion, listPrevious, deviceKeyTwice, badSignature.
  static Result<VerifiedDeviceList> check(DeviceList list);

  const DeviceList& list() const { return list_; }
  const DeviceListTBS* operator->() const { return &list_.tbs; }
  const ListedDevice* find(const DeviceId& device) const { return list_.tbs.devices.find(device); }
  Hash hash() const { return hashOf(list_); }  // what the next list names as `previous`
  bool operator==(const VerifiedDeviceList&) const = default;

 private:
  explicit VerifiedDeviceList(DeviceList list): list_(std::move(list)) {}
  DeviceList list_;
};

// The list after `before` as it would be if nothing changed: to be edited and signed.
DeviceListTBS successorOf(const VerifiedDeviceList& before);

// List n → n+1. Same account and account key; next version; `previous` is the hash. A device stays listed. A revoked
// entry never changes again. An active one stays as it is, or takes another key, or is revoked with the key it had. A
// device that was not listed begins active.
//   otherAccount, otherAccountKey, listNotNext, listPreviousDiffers, deviceVanished, deviceReturned, deviceChanged,
//   deviceRevokedAtOnce
Result<void> checkSuccessor(const VerifiedDeviceList& before, const VerifiedDeviceList& after);

// What a reader who knows `known` requires of whatever list it is shown: the same one, its successor, or, when it
// missed some in between, one that no chain of successors could contradict.
//   listOlder, listForked, and those of checkSuccessor
Result<void> checkLater(const VerifiedDeviceList& known, const VerifiedDeviceList& seen);

// The certificate's device is an active one of this list, with this key.
//   otherAccount, otherAccountKey, deviceNotListed, deviceRevoked, deviceKeyDiffers, certificateTooNew
Result<void> checkCertified(const VerifiedDeviceList& list, const VerifiedCertificate& certificate);

// What the server requires of the lists it stores, so that it holds a certificate for each active device:
// the first list names the device that registers, a later one brings one device (or one key) together with its
// certificate, or none at all.
//   certificateNotForList, devicesNotEnrolled, and those of checkSuccessor and checkCertified
Result<void> checkRegistration(const VerifiedDeviceList& first, const VerifiedCertificate& certificate);
Result<void> checkEnrolment(const VerifiedDeviceList& before, const VerifiedDeviceList& after,
                            const VerifiedCertificate& certificate);
Result<void> checkRevocation(const VerifiedDeviceList& before, const VerifiedDeviceList& after);

}  // namespace qpq::wire
