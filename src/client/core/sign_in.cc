#include "client/core/core.h"
#include "client/core/inside.h"
#include "client/limits.h"
#include "mls/key_package.h"
#include "wire/inside/capabilities.h"
#include "wire/people/resume.h"
#include "wire/people/user_name.h"

// Account, server, people, key packages.
namespace qpq::client::core {

namespace {

Error badName() { return {ErrorCode::badInput, "A user name is 1 to 64 of the letters a-z, digits and . _ -", {}}; }

Error accountDiffers() { return {ErrorCode::badInput, "The vault's key is not the one of this account.", {}}; }

// A device with fresh id and key, and the list `tbs` with it on it, both signed by the account key.
NewDevice certify(const std::string& name, const crypto::Ed25519Key& accountKey, wire::DeviceListTBS tbs, Instant now,
                  Random& random) {
  NewDevice device{.name = name, .deviceSeed = random.secret<32>(), .certificate = {}, .list = {}};
  crypto::Ed25519Key deviceKey(device.deviceSeed);
  DeviceId id = DeviceId::random(random);
  wire::CertificateTBS certificate{.account = tbs.account,
                                   .accountKey = accountKey.publicKey(),
                                   .device = id,
                                   .deviceKey = deviceKey.publicKey(),
                                   .listVersion = tbs.listVersion};
  tbs.devices.set({id, deviceKey.publicKey(), wire::DeviceState::active, now.unixMs});
  device.certificate = wire::sign(accountKey, certificate);
  device.list = wire::sign(accountKey, std::move(tbs));
  return device;
}

std::size_t activeDevices(const wire::DeviceList& list) {
  return static_cast<std::size_t>(std::ranges::count_if(
      list.tbs.devices, [](const auto& listed) { return listed.state == wire::DeviceState::active; }));
}

std::string folded(const std::string& name) {
  auto parsed = wire::UserName::parse(name);
  return parsed ? parsed->folded() : std::string();
}

}  // namespace

std::optional<Identity> Core::identity() const {
  if (!inside_->signedIn()) return std::nullopt;
  const store::OwnAccount& own = *inside_->own;
  return Identity{.name = own.name,
                  .account = own.self().account,
                  .device = own.self().device,
                  .accountKey = own.certificate.tbs.accountKey,
                  .listVersion = own.list.tbs.listVersion,
                  .devices = activeDevices(own.list)};
}

Result<NewAccount> Core::makeAccount(const std::string& name) {
  if (!wire::UserName::parse(name)) return std::unexpected(badName());
  Random& random = inside_->surroundings.random;
  Secret<32> seed = random.secret<32>();
  crypto::Ed25519Key accountKey(seed);
  wire::DeviceListTBS list{
      .account = AccountId::random(random), .accountKey = accountKey.publicKey(), .listVersion = 1};
  return NewAccount{certify(name, accountKey, std::move(list), inside_->now(), random), std::move(seed)};
}

Result<NewDevice> Core::makeDevice(const std::string& name, const Secret<32>& accountSeed,
                                   const wire::VerifiedDeviceList& newest) {
  if (!wire::UserName::parse(name)) return std::unexpected(badName());
  crypto::Ed25519Key accountKey(accountSeed);
  if (accountKey.publicKey() != newest->accountKey) return std::unexpected(accountDiffers());
  return certify(name, accountKey, wire::successorOf(newest), inside_->now(), inside_->surroundings.random);
}

Result<void> Core::keepSignIn(const NewDevice& device, const std::optional<Registration>& registration) {
  if (inside_->signedIn()) {
    return std::unexpected(Error{ErrorCode::badInput, "An account is signed in here already.",
                                 "Use another profile folder for another account."});
  }
  TRY(inside_->transact([&] { return inside_->tables.account.put(device, registration); }));
  return inside_->reload();
}

Result<std::optional<PendingSignIn>> Core::pendingSignIn() {
  if (!inside_->own || inside_->signedIn()) return std::optional<PendingSignIn>();
  const store::OwnAccount& own = *inside_->own;
  return PendingSignIn{own.name, own.certificate, own.list, own.registration};
}

Result<void> Core::completeSignIn() {
  if (!inside_->own) return std::unexpected(Error{ErrorCode::notSignedIn, "No sign-in is under way.", {}});
  TRY(inside_->transact([&]() -> store::Result<void> {
    const store::OwnAccount& own = *inside_->own;
    TRY(inside_->tables.account.complete());
    auto list = wire::VerifiedDeviceList::check(own.list);
    if (!list) return store::fail(ErrorCode::internal, "The own device list does not hold.");
    KnownPerson self{own.self().account, own.name, own.certificate.tbs.accountKey, *std::move(list)};
    return inside_->tables.people.put(self, folded(own.name));
  }));
  return inside_->reload();
}

Result<void> Core::dropSignIn() {
  if (inside_->signedIn()) return {};
  TRY(inside_->transact([&] { return inside_->tables.account.drop(); }));
  return inside_->reload();
}

Result<ResumeProof> Core::signResume(const ByteArray<32>& exporter) {
  if (!inside_->own) return std::unexpected(Error{ErrorCode::notSignedIn, "No account is signed in here.", {}});
  if (!inside_->server) return std::unexpected(Error{ErrorCode::internal, "There is no server to sign in to.", {}});
  const wire::RosterEntry self = inside_->own->self();
  crypto::Ed25519Key key(inside_->own->deviceSeed);
  auto resume = wire::sign(key, wire::ResumeTBS{.exporter = exporter,
                                                .incarnation = inside_->server->info->incarnation,
                                                .account = self.account,
                                                .device = self.device});
  return ResumeProof{self.account, self.device, resume.signature};
}

std::optional<ServerPin> Core::server() const {
  if (!inside_->server) return std::nullopt;
  const store::KnownServer& known = *inside_->server;
  return ServerPin{known.address, known.info->identity, known.info->incarnation};
}

Result<Outcome> Core::noteServer(const std::string& address, const wire::VerifiedServerInfo& info) {
  Outcome outcome;
  bool isRestored = false;
  if (inside_->server) {
    const wire::ServerInfoTBS& known = inside_->server->info.info().tbs;
    if (known.identity != info->identity) {
      return std::unexpected(Error{ErrorCode::serverChanged, "This is not the server this profile knows.",
                                   "If it was set up anew, begin with another profile folder."});
    }
    isRestored = known.incarnation != info->incarnation;
  }
  TRY(inside_->transact([&]() -> store::Result<void> {
    TRY(inside_->tables.server.put(address, info));
    if (!isRestored) return {};
    TRY(inside_->tables.server.setIndexChange(0));
    return inside_->tables.unconfirmed.markAll(inside_->now());
  }));
  if (isRestored) {
    // What it had only receipted it may not have any more.
    inside_->accepted.clear();
    outcome.events.push_back(event::Alarm{
        std::nullopt, "The server was restored from a copy. What it lacks is given back to it from here."});
  }
  TRY(inside_->reload());
  return outcome;
}

Result<wire::KnownAccount> Core::known(const AccountId& account) {
  auto person = TRY(inside_->tables.people.find(account));
  wire::KnownAccount known{.account = account, .accountKey = std::nullopt, .list = std::nullopt};
  if (!person) return known;
  known.accountKey = person->accountKey;
  known.list = std::move(person->list);
  return known;
}

Result<std::optional<KnownPerson>> Core::findPerson(const std::string& name) {
  std::string wanted = folded(name);
  if (wanted.empty()) return std::optional<KnownPerson>();
  return inside_->tables.people.findByName(wanted);
}

Result<std::vector<AccountId>> Core::nameless() { return inside_->tables.people.nameless(); }

Result<Outcome> Core::notePerson(const Person& person) {
  Outcome outcome;
  auto before = TRY(known(person.account));
  auto later = wire::checkAnsweredList(before, person.list);
  // An older list is a slow copy of the directory, not a lie.
  bool isOlder = !later && later.error().code == wire::ErrorCode::listOlder;
  if (!later && !isOlder) {
    outcome.events.push_back(event::Alarm{std::nullopt, "The server shows " + person.name +
                                                            " with keys that contradict those known before (" +
                                                            std::string(wire::name(later.error().code)) + ")."});
    return outcome;
  }
  KnownPerson kept{person.account, person.name, person.list->accountKey, std::nullopt};
  if (!isOlder) kept.list = person.list;
  TRY(inside_->transact([&]() -> store::Result<void> {
    TRY(inside_->tables.people.put(kept, folded(person.name)));
    bool isOwn = inside_->signedIn() && inside_->own->self().account == person.account;
    if (isOwn && kept.list) TRY(inside_->tables.account.replaceList(kept.list->list()));
    return {};
  }));
  TRY(inside_->reload());
  return outcome;
}

}  // namespace qpq::client::core
