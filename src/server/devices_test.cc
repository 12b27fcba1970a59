#include "server/devices.h"

#include <catch2/catch_test_macros.hpp>

#include "opaque/client.h"
#include "server/vaults.h"
#include "server/world_test.h"
#include "wire/limits.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {
ListOutcome enrol(TestWorld& world, const AccountId& account, const TestDevice& device, const wire::DeviceList& list) {
  return world.ask(world.services().devices.enrol(account, encode(device.certificate), encode(list)));
}
ListOutcome update(TestWorld& world, const AccountId& account, const wire::DeviceList& list) {
  return world.ask(world.services().devices.update(account, encode(list)));
}
wire::DeviceList stored(TestWorld& world, const TestPerson& person) {
  return world.ask(world.services().devices.list(person.account));
}
}  // namespace

TEST_CASE("a device list changes by compare-and-set, and a repetition changes nothing") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestDevice phone = world.makeDevice(alice, 2);
  TestDevice tablet = world.makeDevice(alice, 2);
  wire::DeviceList withPhone = world.nextList(alice, &phone, {});
  wire::DeviceList withTablet = world.nextList(alice, &tablet, {});
  CHECK(std::holds_alternative<Accepted>(enrol(world, alice.account, phone, withPhone)));
  CHECK(std::holds_alternative<Accepted>(enrol(world, alice.account, phone, withPhone)));
  CHECK(as<OtherList>(enrol(world, alice.account, tablet, withTablet)).newest == withPhone);
  CHECK(stored(world, alice) == withPhone);
  world.restart();
  CHECK(stored(world, alice) == withPhone);
}

TEST_CASE("a list that skips a version or comes from another history is a conflict") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  auto next = wire::successorOf(*wire::VerifiedDeviceList::check(alice.list));
  auto skipped = next;
  skipped.listVersion = 3;
  CHECK(std::holds_alternative<OtherList>(update(world, alice.account, wire::sign(alice.key, skipped))));
  auto forked = next;
  forked.previous[0] ^= 1;
  CHECK(std::holds_alternative<OtherList>(update(world, alice.account, wire::sign(alice.key, forked))));
  CHECK(std::holds_alternative<Accepted>(update(world, alice.account, wire::sign(alice.key, next))));
}

TEST_CASE("only the account's own key changes its list, in ways a list may change") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson mallory = world.register_("mallory");
  TestDevice phone = world.makeDevice(alice, 2);
  wire::DeviceList good = world.nextList(alice, &phone, {});
  auto refused = [&](const ListOutcome& outcome) { return as<Malformed>(outcome).what; };

  CHECK(refused(update(world, alice.account, wire::sign(mallory.key, good.tbs))) == "badSignature");
  CHECK(refused(update(world, mallory.account, good)) == "otherAccount");
  CHECK(refused(update(world, alice.account, good)) == "devicesNotEnrolled");
  CHECK(refused(enrol(world, alice.account, world.makeDevice(alice, 2), good)) != "");
  CHECK(refused(enrol(world, alice.account, mallory.device(), good)) != "");
  CHECK(refused(world.ask(world.services().devices.update(alice.account, Bytes(40, 1)))) != "");

  world.enrol(alice);
  world.revoke(alice, 1);
  auto returning = wire::successorOf(*wire::VerifiedDeviceList::check(alice.list));
  auto entry = *returning.devices.find(alice.device(1).id);
  entry.state = wire::DeviceState::active;
  returning.devices.set(entry);
  CHECK(refused(update(world, alice.account, wire::sign(alice.key, returning))) == "deviceReturned");
  CHECK(stored(world, alice) == alice.list);
}

TEST_CASE("an account has at most so many active devices; a revoked one makes room") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  while (alice.devices.size() < kActiveDevicesMax) world.enrol(alice);
  TestDevice last = world.makeDevice(alice, alice.list.tbs.listVersion + 1);
  auto outcome = enrol(world, alice.account, last, world.nextList(alice, &last, {}));
  CHECK(as<TooManyDevices>(outcome).limit == kActiveDevicesMax);
  world.revoke(alice, 3);
  world.enrol(alice);
  CHECK(stored(world, alice).tbs.devices.size() == kActiveDevicesMax + 1);
}

TEST_CASE("revoking a device ends its sessions and takes its key packages away before it is answered") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  world.enrol(alice);
  const TestDevice& phone = alice.device(1);
  auto laptopSession = world.services().sessions.open(alice.device(0).entry(), {});
  auto phoneSession = world.services().sessions.open(phone.entry(), {});
  auto phoneAgain = world.services().sessions.open(phone.entry(), {});
  world.ask(world.services().keyPackages.publish(phone.entry(), {keyPackageOf(phone, world.clock.now(), 1)}, {}));
  world.revoke(alice, 1);
  CHECK(!laptopSession->hasEnded());
  CHECK(phoneSession->hasEnded());
  CHECK(phoneAgain->hasEnded());
  CHECK_THROWS_AS(phoneSession->requireLive(), kj::Exception);
  CHECK(world.ask(world.services().keyPackages.count(phone.entry())).packages == 0);
}

TEST_CASE("vault and record change together, by the revision of the half under the password") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  Services& services = world.services();
  wire::Vault vault = world.ask(services.vaults.read(alice.account)).vault;
  SecretBytes record = world.registrationOf(world.stranger("someone")).record.clone();
  auto replace = [&](const wire::Vault& next, const SecretBytes& with) {
    return world.ask(services.vaults.replace(alice.account, with.clone(), crypto::kArgon2CostTest, encode(next)));
  };
  wire::Vault next = vault;
  next.byPassword.revision = 2;
  next.byPassword.nonce[0] ^= 1;
  CHECK(std::holds_alternative<Accepted>(replace(next, record)));
  CHECK(std::holds_alternative<Accepted>(replace(next, record)));  // a repetition
  CHECK(world.ask(services.vaults.read(alice.account)).vault == next);

  CHECK(as<OtherVault>(replace(vault, record)).stored == next);
  wire::Vault skipped = next;
  skipped.byPassword.revision = 4;
  CHECK(std::holds_alternative<OtherVault>(replace(skipped, record)));
  wire::Vault recovery = next;
  recovery.byPassword.revision = 3;
  recovery.byRecovery.revision = 3;
  CHECK(std::holds_alternative<OtherVault>(replace(recovery, record)));
  recovery.byRecovery.revision = 2;
  CHECK(std::holds_alternative<Accepted>(replace(recovery, record)));
}

TEST_CASE("what is no record, no acceptable cost or no vault of the account is refused") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  Services& services = world.services();
  auto request = world.registrationOf(world.stranger("someone"));
  wire::Vault next = world.ask(services.vaults.read(alice.account)).vault;
  next.byPassword.revision = 2;
  auto replace = [&](SecretBytes record, crypto::Argon2Cost cost, Bytes vault) {
    return std::holds_alternative<Malformed>(
        world.ask(services.vaults.replace(alice.account, std::move(record), cost, std::move(vault))));
  };
  CHECK(replace(SecretBytes(192), crypto::kArgon2CostTest, encode(next)));
  CHECK(replace(request.record.clone(), {0, 0, 0}, encode(next)));
  CHECK(replace(request.record.clone(), crypto::kArgon2CostTest, Bytes(3)));
  CHECK(replace(request.record.clone(), crypto::kArgon2CostTest, request.vault));  // another account's
  CHECK(!replace(request.record.clone(), crypto::kArgon2CostTest, encode(next)));
}

TEST_CASE("steps of changing a password are limited per account: at the limit, above and far above") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  Vaults& vaults = world.services().vaults;
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("guess")), world.random);
  Bytes request = encode(client->request());
  auto start = [&](const TestPerson& person) { return vaults.changeStart(person.account, request); };
  auto record = world.registrationOf(world.stranger("someone")).record.clone();
  wire::Vault vault = world.ask(vaults.read(alice.account)).vault;
  auto replace = [&]() {
    ++vault.byPassword.revision;
    return world.ask(vaults.replace(alice.account, record.clone(), crypto::kArgon2CostTest, encode(vault)));
  };
  CHECK(std::holds_alternative<Malformed>(vaults.changeStart(alice.account, Bytes(31))));  // costs nothing
  for (uint32_t i = 0; i < kVaultStepsPerAccount.burst / 2; ++i) {
    CHECK(std::holds_alternative<RegistrationAnswer>(start(alice)));
    CHECK(std::holds_alternative<Accepted>(replace()));
  }
  wire::Vault kept = vault;
  for (int i = 0; i < 100; ++i) CHECK(std::holds_alternative<TooOften>(start(alice)));
  CHECK(as<TooOften>(replace()).afterMs == kVaultStepsPerAccount.refillMs);
  CHECK(world.ask(vaults.read(alice.account)).vault == kept);
  CHECK(std::holds_alternative<RegistrationAnswer>(start(bob)));
  vault = kept;
  world.move(kVaultStepsPerAccount.refillMs);
  CHECK(std::holds_alternative<Accepted>(replace()));
  CHECK(std::holds_alternative<TooOften>(start(alice)));
}
