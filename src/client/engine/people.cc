#include "client/engine/people.h"

#include "client/engine/failures.h"
#include "client/engine/limits.h"
#include "crypto/suite.h"
#include "loop/co_try.h"
#include "mls/key_package.h"
#include "schema/data.h"
#include "wire/key_package.h"
#include "wire/people/user_name.h"

namespace qpq::client {

namespace {

using schema::bytesOf;
using schema::dataOf;

struct TakenPackage {
  DeviceId device;
  Bytes package;
};

Result<wire::VerifiedDeviceList> parseList(const Bytes& encoded) {
  auto list = decode<wire::DeviceList>(encoded);
  if (!list) return std::unexpected(failures::lyingServer("a device list cannot be read"));
  auto verified = wire::VerifiedDeviceList::check(*list);
  if (!verified) return std::unexpected(failures::lyingServer("a device list is not signed by its account"));
  return *verified;
}

// The answered list against what this profile knows of the account; then both are kept.
Result<Found> note(core::Core& core, core::Person person) {
  auto known = TRY(core.known(person.account));
  if (!wire::checkAnsweredList(known, person.list)) {
    return std::unexpected(
        failures::lyingServer("the devices of " + person.name + " contradict what was known of them"));
  }
  core::Outcome outcome = TRY(core.notePerson(person));
  return Found{std::move(person), std::move(outcome)};
}

// The taker's checks (docs/protocol/wire.md "Key packages"): RFC 9420's and the list's.
Result<void> checkPackage(const TakenPackage& taken, const wire::VerifiedDeviceList& list, Instant now) {
  auto decoded = decode<mls::KeyPackage>(taken.package);
  if (!decoded) return std::unexpected(failures::lyingServer("a key package cannot be read"));
  if (!mls::VerifiedKeyPackage::check(*decoded, crypto::kProductSuite, now) ||
      !wire::checkTaken(*decoded, taken.device, list, now)) {
    return std::unexpected(failures::lyingServer("a key package is not its device's"));
  }
  return {};
}

// What the directory said of somebody, as far as it holds together.
Promise<core::Person> personOf(CoreSeat& core, schema::Person::Found::Reader found) {
  auto account = schema::idOf<AccountId>(found.getAccount());
  auto name = wire::UserName::parse(schema::stringOf(found.getName()));
  if (!account || !name) co_return std::unexpected(failures::lyingServer("it describes somebody who cannot be"));
  auto list = CO_TRY(co_await core.compute([encoded = bytesOf(found.getDevices())]() { return parseList(encoded); }));
  if (list->account != *account)
    co_return std::unexpected(failures::lyingServer("a device list is of another account"));
  co_return core::Person{*account, name->text(), kj::mv(list)};
}

}  // namespace

Promise<void> learnNames(CoreSeat& core, Online& online) {
  auto nameless = CO_TRY(co_await core.ask([](core::Core& c) { return c.nameless(); }));
  for (const AccountId& account : nameless) {
    auto request = online.directory.accountRequest();
    request.setAccount(dataOf(account.view()));
    auto response = co_await request.send();
    if (!response.getOutcome().isFound()) continue;
    auto person = co_await personOf(core, response.getOutcome().getFound());
    if (!person || person->account != account) continue;
    auto noted =
        co_await core.ask([person = kj::mv(*person)](core::Core& c) mutable { return note(c, std::move(person)); });
    if (!noted && noted.error().code == ErrorCode::internal) co_return std::unexpected(noted.error());
  }
  co_return Result<void>();
}

Promise<Found> findPerson(CoreSeat& core, Online& online, std::string name) {
  if (!wire::UserName::parse(name)) {
    co_return std::unexpected(Error{ErrorCode::badInput, "\"" + name + "\" cannot be a user name",
                                    "1 to 64 letters, digits, '.', '_' or '-'"});
  }
  auto request = online.directory.lookupRequest();
  request.setName(name);
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  if (outcome.isUnknown()) co_return std::unexpected(failures::noSuchUser(name));
  if (outcome.isRate()) co_return std::unexpected(failures::rateLimited(outcome.getRate()));
  if (!outcome.isFound())
    co_return std::unexpected(
        failures::malformed(outcome.isMalformed() ? schema::stringOf(outcome.getMalformed()) : ""));
  core::Person person = CO_TRY(co_await personOf(core, outcome.getFound()));
  if (*wire::UserName::parse(person.name) != *wire::UserName::parse(name)) {
    co_return std::unexpected(failures::lyingServer("it answered for someone else than was asked for"));
  }
  co_return co_await core.ask([person = kj::mv(person)](core::Core& c) mutable { return note(c, std::move(person)); });
}

Promise<core::Invitation> takeKeyPackages(const World& world, CoreSeat& core, Online& online, core::Person person) {
  RequestId id = RequestId::random(world.random);
  auto ask = [&]() {
    auto request = online.keyPackages.takeRequest();
    request.setRequest(dataOf(id.view()));
    request.setAccount(dataOf(person.account.view()));
    return request.send();
  };
  auto response = co_await ask();
  // Whoever invites many at once waits a little for each of the last.
  if (response.getOutcome().isRate() && response.getOutcome().getRate() <= kInviteWaitMs) {
    co_await world.timer.afterDelay(response.getOutcome().getRate() * kj::MILLISECONDS);
    response = co_await ask();
  }
  auto outcome = response.getOutcome();
  if (outcome.isUnknownAccount()) co_return std::unexpected(failures::noSuchUser(person.name));
  if (outcome.isRate()) co_return std::unexpected(failures::rateLimited(outcome.getRate()));
  if (!outcome.isPackages())
    co_return std::unexpected(
        failures::malformed(outcome.isMalformed() ? schema::stringOf(outcome.getMalformed()) : ""));

  std::vector<TakenPackage> taken;
  for (auto device : outcome.getPackages().getDevices()) {
    auto deviceId = schema::idOf<DeviceId>(device.getDevice());
    if (!deviceId) co_return std::unexpected(failures::lyingServer("a device id has not 16 bytes"));
    if (device.isPackage()) taken.push_back({*deviceId, bytesOf(device.getPackage())});
  }
  if (taken.empty()) co_return std::unexpected(failures::unreachable(person.name));
  // The list may be newer than the one looked up before.
  Bytes encodedList = bytesOf(outcome.getPackages().getDeviceList());
  Instant now = world.clock.now();
  co_return co_await core.ask([person = kj::mv(person), taken = kj::mv(taken), encodedList,
                               now](core::Core& c) mutable -> Result<core::Invitation> {
    person.list = TRY(parseList(encodedList));
    core::Invitation invitation{.person = TRY(note(c, std::move(person))).person, .keyPackages = {}};
    for (TakenPackage& package : taken) {
      TRY(checkPackage(package, invitation.person.list, now));
      invitation.keyPackages.push_back(std::move(package.package));
    }
    return invitation;
  });
}

}  // namespace qpq::client
