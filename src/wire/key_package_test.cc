#include "wire/key_package.h"

#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::firstList;
using sample::listed;
using sample::nextList;
using sample::refusal;

constexpr uint64_t kDayS = 24 * 60 * 60;
const Instant kNow{1500 * kSecondMs};  // inside the sample's lifetime, which is from second 1000 to 2000

const Certificate kStored = sample::certificate(1, 1, 3);
// Version 3, in which the sample's certificate first stands.
VerifiedDeviceList listOf(std::vector<ListedDevice> devices) {
  return VerifiedDeviceList::check(sample::deviceList(1, 3, sample::hash(1), std::move(devices))).value();
}

// What both sides refuse.
template <class Check>
void checkBoth(Check refused) {
  CHECK(refused([](auto&) {}) == std::nullopt);
  CHECK(refused([](auto& p) { p.cipherSuite = mls::CipherSuiteId{1}; }) == ErrorCode::otherSuite);
  CHECK(refused([](auto& p) { p.leafNode.source = {mls::UpdateSource{}}; }) == ErrorCode::notAKeyPackageLeaf);
  CHECK(refused([](auto& p) { p.leafNode.credential = {mls::X509Credential{}}; }) == ErrorCode::leafCredential);
  CHECK(refused([](auto& p) { p.leafNode.signatureKey[0] ^= 1; }) == ErrorCode::leafKeyDiffers);
  CHECK(refused([](auto& p) { p.leafNode.capabilities.versions.clear(); }) == ErrorCode::capabilityMissing);
  CHECK(refused([](auto& p) { p.leafNode.capabilities.cipherSuites.clear(); }) == ErrorCode::capabilityMissing);
  CHECK(refused([](auto& p) { p.leafNode.capabilities.extensions.clear(); }) == ErrorCode::capabilityMissing);
  CHECK(refused([](auto& p) { p.leafNode.capabilities.proposals.clear(); }) == ErrorCode::capabilityMissing);
  CHECK(refused([](auto& p) { p.leafNode.capabilities.credentials.clear(); }) == ErrorCode::capabilityMissing);

  auto living = [&](uint64_t notBefore, uint64_t notAfter) {
    return refused([=](auto& p) { p.leafNode.source = {mls::Lifetime{notBefore, notAfter}}; });
  };
  CHECK(living(0, 1500) == std::nullopt);
  CHECK(living(0, 1499) == ErrorCode::lifetimeOver);
  CHECK(living(0, 90 * kDayS) == std::nullopt);
  CHECK(living(0, 90 * kDayS + 1) == ErrorCode::lifetimeTooLong);
  CHECK(living(0, UINT64_MAX) == ErrorCode::lifetimeTooLong);
  CHECK(living(UINT64_MAX, 2000) == ErrorCode::lifetimeTooLong);
}

TEST_CASE("the server keeps packages of the session's device that every group of ours can use") {
  checkBoth([](auto spoil) {
    mls::KeyPackage package = sample::keyPackage(1, 1);
    spoil(package);
    return refusal(checkPublished(package, kStored, kNow));
  });
}

TEST_CASE("the taker accepts packages that every group of ours can use") {
  auto list = listOf({listed(1)});
  checkBoth([&](auto spoil) {
    mls::KeyPackage package = sample::keyPackage(1, 1);
    spoil(package);
    return refusal(checkTaken(package, sample::device(1), list, kNow));
  });
}

TEST_CASE("a package is published under the very certificate the server holds") {
  mls::KeyPackage package = sample::keyPackage(1, 1);
  CHECK(refusal(checkPublished(package, sample::certificate(1, 1, 4), kNow)) == ErrorCode::otherCertificate);
  CHECK(refusal(checkPublished(package, sample::certificate(1, 2, 3), kNow)) == ErrorCode::otherCertificate);
  CHECK(refusal(checkPublished(package, sample::certificate(2, 1, 3), kNow)) == ErrorCode::otherCertificate);
  // A device's clock may run ahead of the server's: that is for the taker to judge.
  package.leafNode.source = {mls::Lifetime{1600, 2000}};
  CHECK(checkPublished(package, kStored, kNow));
}

TEST_CASE("a taken package is of the device that was asked for, active in the list, with its key") {
  mls::KeyPackage package = sample::keyPackage(1, 1);
  auto taken = [&](const VerifiedDeviceList& list, uint8_t device = 1) {
    return checkTaken(package, sample::device(device), list, kNow);
  };
  CHECK(taken(listOf({listed(1), listed(2)}))->certificate() == kStored);
  CHECK(refusal(taken(listOf({listed(1), listed(2)}), 2)) == ErrorCode::otherDevice);
  CHECK(refusal(taken(listOf({listed(2)}))) == ErrorCode::deviceNotListed);
  CHECK(refusal(taken(listOf({listed(1, DeviceState::revoked)}))) == ErrorCode::deviceRevoked);
  ListedDevice rekeyed = listed(1);
  rekeyed.deviceKey = sample::key(0x44).publicKey();
  CHECK(refusal(taken(listOf({rekeyed}))) == ErrorCode::deviceKeyDiffers);
  CHECK(refusal(taken(firstList(1, {listed(1)}))) == ErrorCode::certificateTooNew);
  CHECK(refusal(taken(firstList(2, {listed(1)}))) == ErrorCode::otherAccount);
}

TEST_CASE("a package is taken within its lifetime, the ends included") {
  auto at = [](uint64_t seconds) {
    return refusal(
        checkTaken(sample::keyPackage(1, 1), sample::device(1), listOf({listed(1)}), Instant{seconds * 1000}));
  };
  CHECK(at(999) == ErrorCode::lifetimeNotBegun);
  CHECK(at(1000) == std::nullopt);
  CHECK(at(2000) == std::nullopt);
  CHECK(at(2001) == ErrorCode::lifetimeOver);
  CHECK(at(UINT64_MAX / 1000) == ErrorCode::lifetimeOver);
}

TEST_CASE(
    "an answered list is of the account that was asked for, under its pinned key, and not older than the known one") {
  auto first = firstList(1, {listed(1)});
  auto second = nextList(first, {listed(1), listed(2)});
  KnownAccount known{.account = sample::account(1), .accountKey = {}, .list = {}};
  CHECK(checkAnsweredList(known, first));
  CHECK(refusal(checkAnsweredList(known, firstList(2, {listed(1)}))) == ErrorCode::otherAccount);
  known.accountKey = sample::accountKey(1).publicKey();
  CHECK(checkAnsweredList(known, first));
  known.accountKey = sample::accountKey(2).publicKey();
  CHECK(refusal(checkAnsweredList(known, first)) == ErrorCode::otherAccountKey);
  known.accountKey = sample::accountKey(1).publicKey();
  known.list = second;
  CHECK(checkAnsweredList(known, second));
  CHECK(checkAnsweredList(known, nextList(second, {listed(1), listed(2)})));
  CHECK(refusal(checkAnsweredList(known, first)) == ErrorCode::listOlder);
}

}  // namespace
}  // namespace qpq::wire
