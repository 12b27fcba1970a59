#include "wire/people/device_list.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::deviceList;
using sample::firstList;
using sample::listed;
using sample::nextList;
using sample::refusal;

constexpr auto kActive = DeviceState::active;
constexpr auto kRevoked = DeviceState::revoked;

ListedDevice withKey(ListedDevice device, uint8_t seed) {
  device.deviceKey = sample::key(seed).publicKey();
  return device;
}

TEST_CASE("device lists have their golden bytes, and each names the hash of the one before") {
  DeviceList first = deviceList(1, 1, Hash{}, {listed(1)});
  sample::checkGolden(
      first,
      "01"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"
      "0000000000000001"
      "0000000000000000000000000000000000000000000000000000000000000000"
      "39"
      "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b0100000000000003"
      "e8"
      "d450b643da91335d078f418d1e8b871c513a884cc1e8f0546ffefe1ad30e3d6e53bdcb0a874abda8757b04a7aaf59ac371ea6ea1ddc985dc"
      "bd0b2cdea53e1c01");
  auto verified = VerifiedDeviceList::check(first);
  REQUIRE(verified);
  auto second = nextList(*verified, {listed(2, kActive, 2000), listed(1, kRevoked, 2000)});
  sample::checkGolden(
      second.list(),
      "01"
      "a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1a1"
      "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"
      "0000000000000002"
      "89cdbafa76d5b2287c9c2c15d537a3afe41e64f0f9755ce59d9fcff0f467f289"
      "4072"
      "d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1d1884b8857f4eaa1613c61504db34d4beaf346517a0e31de3cddd4d9b4201d9d0b0200000000000007"
      "d0"
      "d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2d2a09aa5f47a6759802ff955f8dc2d2a14a5c99d23be97f864127ff9383455a4f00100000000000007"
      "d0"
      "edb3d718b743fd8f8c5a90fc8c315c578e80d4935184569d9663cdc0e0354b7cd255bc0b4b875a9b4eecceebacb6ec779c9501ff5a23eb6d"
      "a7244758698db40e");
  CHECK(toHex(second.hash()) == "f9776c5bfc26315acfdde13fe53b1f203d99aaae41197974b9f94a6a64955476");
}

TEST_CASE("a list keeps its devices in the order of their ids, each once") {
  DeviceListTBS tbs = deviceList(1, 1, Hash{}, {listed(1), listed(2)}).tbs;
  Bytes bytes = encode(tbs);
  constexpr std::size_t kEntry = 57;
  std::size_t first = bytes.size() - 2 * kEntry;
  std::swap_ranges(bytes.begin() + static_cast<std::ptrdiff_t>(first),
                   bytes.begin() + static_cast<std::ptrdiff_t>(first + kEntry),
                   bytes.begin() + static_cast<std::ptrdiff_t>(first + kEntry));
  CHECK(decode<DeviceListTBS>(bytes).error() == DecodeError{DecodeError::Code::notSorted, first + kEntry});
  // The same id twice ascends by bytes if the keys do, and is refused all the same.
  bytes = encode(tbs);
  std::ranges::fill_n(bytes.begin() + static_cast<std::ptrdiff_t>(first + kEntry), 16, uint8_t{0xd1});
  CHECK(decode<DeviceListTBS>(bytes).error() == DecodeError{DecodeError::Code::notSorted, first + kEntry});
}

TEST_CASE("a device is active or revoked") {
  Bytes bytes = encode(listed(1));
  for (int state = 0; state < 256; ++state) {
    bytes[48] = static_cast<uint8_t>(state);
    CHECK(decode<ListedDevice>(bytes).has_value() == (state == 1 || state == 2));
  }
}

TEST_CASE("a list has at most 1024 devices") {
  auto listOf = [](std::size_t count) {
    std::vector<ListedDevice> devices(count);
    for (std::size_t i = 0; i < count; ++i) {
      devices[i].device.bytes[0] = devices[i].deviceKey[0] = static_cast<uint8_t>(i);
      devices[i].device.bytes[1] = devices[i].deviceKey[1] = static_cast<uint8_t>(i >> 8);
    }
    return encode(deviceList(1, 1, Hash{}, devices));
  };
  Bytes atBound = listOf(1024);
  CHECK(atBound.size() < 64 * 1024);
  CHECK(VerifiedDeviceList::check(*decode<DeviceList>(atBound)));
  CHECK(decode<DeviceList>(listOf(1025)).error().code == DecodeError::Code::tooLarge);
  CHECK(decode<DeviceList>(listOf(20'000)).error().code == DecodeError::Code::tooLarge);
}

TEST_CASE("a list alone: version from 1, a hash before exactly from 2, no key twice, signed by the account key") {
  CHECK(refusal(VerifiedDeviceList::check(deviceList(1, 0, Hash{}, {}))) == ErrorCode::listVersion);
  CHECK(refusal(VerifiedDeviceList::check(deviceList(1, 1, sample::hash(1), {}))) == ErrorCode::listPrevious);
  CHECK(refusal(VerifiedDeviceList::check(deviceList(1, 2, Hash{}, {}))) == ErrorCode::listPrevious);
  CHECK(VerifiedDeviceList::check(deviceList(1, 2, sample::hash(1), {})));
  // A revoked key does not come back under another id either.
  CHECK(refusal(VerifiedDeviceList::check(deviceList(1, 1, Hash{}, {listed(1, kRevoked), withKey(listed(2), 0x21)}))) ==
        ErrorCode::deviceKeyTwice);
  DeviceList forged = deviceList(1, 1, Hash{}, {listed(1)});
  forged.tbs.devices.set(listed(1, kRevoked));
  CHECK(refusal(VerifiedDeviceList::check(forged)) == ErrorCode::badSignature);
  forged = sign(sample::accountKey(2), deviceList(1, 1, Hash{}, {listed(1)}).tbs);
  CHECK(refusal(VerifiedDeviceList::check(forged)) == ErrorCode::badSignature);
}

TEST_CASE("a successor may add devices, give them other keys and revoke them") {
  auto first = firstList(1, {listed(1), listed(2)});
  DeviceListTBS next = successorOf(first);
  CHECK(checkSuccessor(first, VerifiedDeviceList::check(sign(sample::accountKey(1), next)).value()));
  next.devices.set(listed(3, kActive, 2000));
  next.devices.set(listed(1, kRevoked, 3000));
  next.devices.set(withKey(listed(2, kActive, 4000), 0x77));
  auto second = VerifiedDeviceList::check(sign(sample::accountKey(1), next)).value();
  CHECK(checkSuccessor(first, second));
  // The clocks of two devices differ: a change may look older than the one before.
  CHECK(checkSuccessor(second, nextList(second, {listed(1, kRevoked, 3000), withKey(listed(2, kRevoked, 5), 0x77),
                                                 listed(3, kActive, 2000)})));
}

TEST_CASE("a successor follows one list: same account and key, next version, right hash") {
  auto first = firstList(1, {listed(1)});
  auto make = [&](DeviceListTBS tbs, uint8_t accountKey = 1) {
    tbs.accountKey = sample::accountKey(accountKey).publicKey();
    return VerifiedDeviceList::check(sign(sample::accountKey(accountKey), tbs)).value();
  };
  DeviceListTBS next = successorOf(first);
  CHECK(checkSuccessor(first, make(next)));
  CHECK(refusal(checkSuccessor(first, make(next, 2))) == ErrorCode::otherAccountKey);
  auto changed = next;
  changed.account = sample::account(2);
  CHECK(refusal(checkSuccessor(first, make(changed))) == ErrorCode::otherAccount);
  changed = next;
  changed.listVersion = 3;
  CHECK(refusal(checkSuccessor(first, make(changed))) == ErrorCode::listNotNext);
  CHECK(refusal(checkSuccessor(make(next), make(next))) == ErrorCode::listNotNext);
  CHECK(refusal(checkSuccessor(make(next), first)) == ErrorCode::listNotNext);
  changed = next;
  changed.previous[31] ^= 1;
  CHECK(refusal(checkSuccessor(first, make(changed))) == ErrorCode::listPreviousDiffers);
}

TEST_CASE("the last version has no successor") {
  auto last = VerifiedDeviceList::check(deviceList(1, UINT64_MAX, sample::hash(1), {})).value();
  CHECK(refusal(checkSuccessor(last, firstList(1, {}))) == ErrorCode::listNotNext);
}

TEST_CASE("what an entry may not become") {
  auto before = firstList(1, {listed(1), listed(2, kRevoked)});
  auto after = [&](std::vector<ListedDevice> devices) {
    return refusal(checkSuccessor(before, nextList(before, std::move(devices))));
  };
  ListedDevice gone = listed(2, kRevoked);
  CHECK(after({listed(1), gone}) == std::nullopt);
  CHECK(after({gone}) == ErrorCode::deviceVanished);
  CHECK(after({listed(1)}) == ErrorCode::deviceVanished);
  CHECK(after({listed(1), listed(2)}) == ErrorCode::deviceReturned);
  CHECK(after({listed(1), withKey(listed(2), 0x77)}) == ErrorCode::deviceReturned);
  CHECK(after({listed(1), withKey(gone, 0x77)}) == ErrorCode::deviceChanged);
  CHECK(after({listed(1), listed(2, kRevoked, 1001)}) == ErrorCode::deviceChanged);
  CHECK(after({listed(1, kActive, 1001), gone}) == ErrorCode::deviceChanged);
  CHECK(after({withKey(listed(1, kRevoked), 0x77), gone}) == ErrorCode::deviceChanged);
  CHECK(after({listed(1), gone, listed(3, kRevoked)}) == ErrorCode::deviceRevokedAtOnce);
}

TEST_CASE("a reader accepts the list it knows and any later one, and notices an older and a forked one") {
  auto first = firstList(1, {listed(1)});
  auto second = nextList(first, {listed(1), listed(2)});
  auto third = nextList(second, {listed(1), listed(2, kRevoked)});
  auto fourth = nextList(third, {withKey(listed(1, kActive, 9), 0x77), listed(2, kRevoked)});
  auto forkedSecond = nextList(first, {listed(1), listed(3)});
  CHECK(checkLater(first, first));
  CHECK(checkLater(first, second));
  CHECK(checkLater(second, third));
  CHECK(refusal(checkLater(second, first)) == ErrorCode::listOlder);
  CHECK(refusal(checkLater(second, forkedSecond)) == ErrorCode::listForked);
  // Its successor's hash shows a fork one version later; further on only what no history allows does.
  CHECK(refusal(checkLater(forkedSecond, third)) == ErrorCode::listPreviousDiffers);
  CHECK(refusal(checkLater(forkedSecond, fourth)) == ErrorCode::deviceVanished);
  CHECK(refusal(checkLater(first, firstList(2, {listed(1)}))) == ErrorCode::otherAccount);
}

TEST_CASE("over a gap a device may appear revoked, and a revoked one still never returns") {
  auto first = firstList(1, {listed(1), listed(5, kRevoked)});
  auto at = [&](std::vector<ListedDevice> devices) {
    auto later = VerifiedDeviceList::check(deviceList(1, 4, sample::hash(9), std::move(devices))).value();
    return refusal(checkLater(first, later));
  };
  CHECK(at({listed(1), listed(2, kRevoked), listed(5, kRevoked)}) == std::nullopt);
  CHECK(at({withKey(listed(1, kRevoked), 0x77), listed(5, kRevoked)}) == std::nullopt);
  CHECK(at({listed(1), listed(5)}) == ErrorCode::deviceReturned);
  CHECK(at({listed(1), withKey(listed(5, kRevoked), 0x77)}) == ErrorCode::deviceChanged);
  CHECK(at({listed(1)}) == ErrorCode::deviceVanished);
  CHECK(at({listed(1, kActive, 1001), listed(5, kRevoked)}) == ErrorCode::deviceChanged);
}

TEST_CASE("a list certifies its active devices, under the key it names for them") {
  auto certificate = [](uint8_t account, uint8_t device, uint64_t version = 1) {
    return VerifiedCertificate::check(sample::certificate(account, device, version)).value();
  };
  auto list = nextList(firstList(1, {listed(1), listed(2)}), {listed(1), listed(2, kRevoked)});
  CHECK(checkCertified(list, certificate(1, 1)));
  CHECK(checkCertified(list, certificate(1, 1, 2)));
  CHECK(refusal(checkCertified(list, certificate(1, 1, 3))) == ErrorCode::certificateTooNew);
  CHECK(refusal(checkCertified(list, certificate(1, 2))) == ErrorCode::deviceRevoked);
  CHECK(refusal(checkCertified(list, certificate(1, 3))) == ErrorCode::deviceNotListed);
  CHECK(refusal(checkCertified(list, certificate(2, 1))) == ErrorCode::otherAccount);
  auto otherKey = sample::certified(1, sample::device(1), sample::key(0x77).publicKey());
  CHECK(refusal(checkCertified(list, otherKey)) == ErrorCode::deviceKeyDiffers);
  CertificateTBS foreign = sample::certificate(1, 1).tbs;
  foreign.accountKey = sample::accountKey(2).publicKey();
  auto otherAccountKey = VerifiedCertificate::check(sign(sample::accountKey(2), foreign)).value();
  CHECK(refusal(checkCertified(list, otherAccountKey)) == ErrorCode::otherAccountKey);
}

TEST_CASE("the server stores a list only together with the certificate of what it brings") {
  auto certificate = [](uint8_t device, uint64_t version) {
    return VerifiedCertificate::check(sample::certificate(1, device, version)).value();
  };
  auto first = firstList(1, {listed(1)});
  CHECK(checkRegistration(first, certificate(1, 1)));
  CHECK(refusal(checkRegistration(first, certificate(2, 1))) == ErrorCode::deviceNotListed);
  CHECK(refusal(checkRegistration(firstList(1, {listed(1), listed(2)}), certificate(1, 1))) ==
        ErrorCode::devicesNotEnrolled);
  auto second = nextList(first, {listed(1), listed(2)});
  CHECK(refusal(checkRegistration(second, certificate(2, 2))) == ErrorCode::listNotNext);
  CHECK(checkEnrolment(first, second, certificate(2, 2)));
  CHECK(refusal(checkEnrolment(first, second, certificate(2, 1))) == ErrorCode::certificateNotForList);
  CHECK(refusal(checkEnrolment(first, second, certificate(1, 2))) == ErrorCode::devicesNotEnrolled);
  CHECK(refusal(checkEnrolment(second, first, certificate(1, 1))) == ErrorCode::listNotNext);
  CHECK(refusal(checkRevocation(first, second)) == ErrorCode::devicesNotEnrolled);
  auto both = nextList(first, {listed(1), listed(2), listed(3)});
  CHECK(refusal(checkEnrolment(first, both, certificate(2, 2))) == ErrorCode::devicesNotEnrolled);

  auto third = nextList(second, {listed(1, kRevoked), listed(2)});
  CHECK(checkRevocation(second, third));
  CHECK(refusal(checkRevocation(first, third)) == ErrorCode::listNotNext);
  CHECK(refusal(checkEnrolment(second, third, certificate(2, 3))) == ErrorCode::devicesNotEnrolled);
}

TEST_CASE("another key for a listed device is enrolled like a device") {
  auto first = firstList(1, {listed(1)});
  auto second = nextList(first, {withKey(listed(1, kActive, 2000), 0x77)});
  CertificateTBS tbs = sample::certificate(1, 1, 2).tbs;
  tbs.deviceKey = sample::key(0x77).publicKey();
  auto certificate = VerifiedCertificate::check(sign(sample::accountKey(1), tbs)).value();
  CHECK(checkEnrolment(first, second, certificate));
  CHECK(refusal(checkRevocation(first, second)) == ErrorCode::devicesNotEnrolled);
}

}  // namespace
}  // namespace qpq::wire
