#include "server/key_packages.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

struct Two {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");

  Bytes package(uint8_t salt, uint64_t lifetimeMs = 30 * kDayMs) {
    return keyPackageOf(bob.device(), world.clock.now(), salt, lifetimeMs);
  }
  PublishOutcome publish(std::vector<Bytes> packages, Bytes lastResort = {}) {
    return world.ask(
        world.services().keyPackages.publish(bob.device().entry(), std::move(packages), std::move(lastResort)));
  }
  TakeOutcome take(const TestDevice& taker, uint8_t request, std::vector<DeviceId> devices = {}) {
    RequestId id;
    id.bytes.fill(request);
    return world.ask(world.services().keyPackages.take({taker.entry(), id, bob.account, std::move(devices)}));
  }
  DevicePackage takeOne(uint8_t request) {
    auto outcome = take(alice.device(), request);
    auto devices = as<TakenPackages>(outcome).devices;
    REQUIRE(devices.size() == 1);
    return devices[0];
  }
};

}  // namespace

TEST_CASE("every package is taken exactly once, oldest first, and then the last resort") {
  Two two;
  as<Kept>(two.publish({two.package(1), two.package(2)}, two.package(99)));
  CHECK(two.takeOne(1).package == two.package(1));
  CHECK(two.takeOne(2).package == two.package(2));
  for (uint8_t n : {uint8_t{3}, uint8_t{4}}) {
    auto last = two.takeOne(n);
    CHECK(last.package == two.package(99));
    CHECK(last.isLastResort == 1);
  }
}

TEST_CASE("without packages or last resort the answer is none") {
  Two two;
  CHECK(!two.takeOne(1).package);
}

TEST_CASE("the same request gets the same answer for a week, also after a restart") {
  Two two;
  Bytes second = two.package(2);
  as<Kept>(two.publish({two.package(1), second}));
  auto first = as<TakenPackages>(two.take(two.alice.device(), 1));
  two.world.restart();
  CHECK(as<TakenPackages>(two.take(two.alice.device(), 1)) == first);
  two.world.move(kTakeMemoryMs - kDayMs);
  two.world.services().beginSweeping();
  CHECK(as<TakenPackages>(two.take(two.alice.device(), 1)) == first);
  // Another device's request of the same number is another request.
  two.world.enrol(two.alice);
  CHECK(as<TakenPackages>(two.take(two.alice.device(1), 1)).devices[0].package == second);
  two.world.move(2 * kDayMs);
  CHECK(as<TakenPackages>(two.take(two.alice.device(), 1)) != first);
}

TEST_CASE("two takers at once get two packages") {
  Two two;
  as<Kept>(two.publish({two.package(1), two.package(2)}));
  auto& packages = two.world.services().keyPackages;
  auto first = packages.take({two.alice.device().entry(), RequestId{{1}}, two.bob.account, {}});
  auto second = packages.take({two.alice.device().entry(), RequestId{{2}}, two.bob.account, {}});
  auto a = as<TakenPackages>(two.world.ask(kj::mv(first)));
  auto b = as<TakenPackages>(two.world.ask(kj::mv(second)));
  CHECK(a.devices[0].package != b.devices[0].package);
}

TEST_CASE("one package for each active device, and none for one that is not") {
  Two two;
  two.world.enrol(two.bob);
  two.world.enrol(two.bob);
  two.world.revoke(two.bob, 2);
  as<Kept>(two.publish({two.package(1)}));
  auto all = as<TakenPackages>(two.take(two.alice.device(), 1));
  CHECK(all.devices.size() == 2);
  CHECK(all.deviceList == encode(two.bob.list));
  auto named = as<TakenPackages>(two.take(two.alice.device(), 2, {two.bob.device(2).id, DeviceId{{7}}}));
  CHECK(named.devices.size() == 2);
  CHECK(!named.devices[0].package);
  CHECK(!named.devices[1].package);
}

TEST_CASE("a request that names too much or nobody is refused") {
  Two two;
  DeviceId device = two.bob.device().id;
  CHECK(std::holds_alternative<Malformed>(two.take(two.alice.device(), 1, {device, device})));
  std::vector<DeviceId> many;
  for (uint8_t i = 0; i < kActiveDevicesMax + 1; ++i) many.push_back(DeviceId{{i}});
  CHECK(std::holds_alternative<Malformed>(two.take(two.alice.device(), 1, many)));
  auto nobody = two.world.ask(
      two.world.services().keyPackages.take({two.alice.device().entry(), RequestId{{1}}, AccountId(), {}}));
  CHECK(std::holds_alternative<NoSuchAccount>(nobody));
}

TEST_CASE("a package hash that was seen is refused, even after it was taken, and nothing of the call is kept") {
  Two two;
  as<Kept>(two.publish({two.package(1)}));
  CHECK(as<Refused>(two.publish({two.package(2), two.package(1)})).why == "package 1: seenBefore");
  CHECK(as<Refused>(two.publish({two.package(3), two.package(3)})).why == "package 1: seenBefore");
  CHECK(as<Refused>(two.publish({}, two.package(1))).why == "lastResort: seenBefore");
  CHECK(two.world.ask(two.world.services().keyPackages.count(two.bob.device().entry())).packages == 1);
  two.takeOne(1);
  CHECK(std::holds_alternative<Refused>(two.publish({two.package(1)})));
  CHECK(as<Kept>(two.publish({two.package(2)})).packages == 1);
}

TEST_CASE("what a device publishes must be its own, in the product's suite, for at most 90 days") {
  Two two;
  Instant now = two.world.clock.now();
  auto why = [&](Bytes package) { return as<Refused>(two.publish({std::move(package)})).why; };
  CHECK(why(keyPackageOf(two.alice.device(), now, 1)) == "package 0: otherCertificate");
  CHECK(why(two.package(1, 91 * kDayMs)) == "package 0: lifetimeTooLong");
  CHECK(why(keyPackageOf(two.bob.device(), now - 40 * kDayMs, 1)) == "package 0: lifetimeOver");
  CHECK(why({}) == "package 0: malformed");
  CHECK(why(Bytes(100, 3)) == "package 0: malformed");
  CHECK(why(Bytes(kKeyPackageSizeMax + 1, 3)) == "package 0: tooLarge");
  CHECK(as<Kept>(two.publish({two.package(1, 90 * kDayMs)})).packages == 1);
}

TEST_CASE("25 packages are kept, not 26; an expired one makes room and is not handed out") {
  Two two;
  std::vector<Bytes> packages;
  for (uint8_t i = 0; i < kKeyPackagesPerDevice; ++i) packages.push_back(two.package(i, kDayMs));
  auto more = packages;
  more.push_back(two.package(100));
  CHECK(as<KeepsAtMost>(two.publish(more)).packages == kKeyPackagesPerDevice);
  CHECK(as<Kept>(two.publish(packages)).packages == kKeyPackagesPerDevice);
  CHECK(std::holds_alternative<KeepsAtMost>(two.publish({two.package(100)})));
  two.world.move(kDayMs + kSecondMs);
  CHECK(!two.takeOne(1).package);
  CHECK(as<Kept>(two.publish({two.package(101)})).packages == 1);
}

TEST_CASE("a device of an account with many logs may keep one for each") {
  Two two;
  for (uint8_t n = 0; n < 30; ++n) begin(two.world, n, {two.bob.device().entry()}, two.bob.device());
  std::vector<Bytes> packages;
  for (uint8_t i = 0; i < 31; ++i) packages.push_back(two.package(i));
  CHECK(as<KeepsAtMost>(two.publish(packages)).packages == 30);
  packages.pop_back();
  CHECK(as<Kept>(two.publish(packages)).packages == 30);
}

TEST_CASE("a device keeps so many packages at most, however many logs its account has") {
  Two two;
  for (std::size_t n = 0; n <= kKeyPackagesPerDeviceMax; ++n) {
    two.world.move(n % kLogsPerAccountAndDay == 0 ? kDayMs : kSecondMs);
    begin(two.world, static_cast<uint8_t>(n), {two.bob.device().entry()}, two.bob.device());
  }
  std::vector<Bytes> packages;
  for (std::size_t n = 0; n <= kKeyPackagesPerDeviceMax; ++n) packages.push_back(two.package(static_cast<uint8_t>(n)));
  CHECK(as<KeepsAtMost>(two.publish(packages)).packages == kKeyPackagesPerDeviceMax);
  packages.pop_back();
  CHECK(as<Kept>(two.publish(packages)).packages == kKeyPackagesPerDeviceMax);
  CHECK(std::holds_alternative<KeepsAtMost>(two.publish({two.package(251)})));
}

TEST_CASE("many takers together do not empty one account") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  const uint32_t half = kTakePerTarget.burst / 2;
  for (uint32_t i = 0; i < kTakePerTarget.burst; ++i) {
    const TestDevice& taker = i < half ? two.alice.device() : carol.device();
    CHECK(std::holds_alternative<TakenPackages>(two.take(taker, static_cast<uint8_t>(i))));
  }
  for (uint8_t i = 100; i < 110; ++i) {
    CHECK(as<TooOften>(two.take(carol.device(), i)).afterMs == kTakePerTarget.refillMs);
  }
  // A repetition takes nothing, and the account's own devices are not held up.
  CHECK(std::holds_alternative<TakenPackages>(two.take(carol.device(), static_cast<uint8_t>(half))));
  CHECK(std::holds_alternative<TakenPackages>(two.take(two.bob.device(), 200)));
  two.world.move(kTakePerTarget.refillMs);
  CHECK(std::holds_alternative<TakenPackages>(two.take(carol.device(), 201)));
}

TEST_CASE("taking is limited per taker and per target, and free for one's own devices") {
  Two two;
  for (uint32_t i = 0; i < kTakePerAccount.burst; ++i) {
    CHECK(std::holds_alternative<TakenPackages>(two.take(two.alice.device(), static_cast<uint8_t>(i))));
  }
  CHECK(as<TooOften>(two.take(two.alice.device(), 200)).afterMs == kTakePerAccount.refillMs);
  TestPerson carol = two.world.register_("carol");  // minutes later
  for (uint8_t i = 0; i < 12; ++i) CHECK(std::holds_alternative<TakenPackages>(two.take(two.alice.device(), i)));
  CHECK(std::holds_alternative<TakenPackages>(two.take(two.bob.device(), 201)));
}
