#include "server/auth.h"

#include <utility>

#include "loop/co_try.h"
#include "server/registration.h"
#include "wire/people/resume.h"

namespace qpq::server {

namespace {

std::string_view nameOf(const wire::Error& error) { return wire::name(error.code); }

template <class Outcome>
Outcome outcomeOf(const InviteRefusal& refusal) {
  return std::visit([](auto why) -> Outcome { return why; }, refusal);
}

// The same of an account that may be there already, and then needs none.
store::Result<std::optional<InviteRefusal>> refusalAtFinish(store::Tables& tables, const AccountId& account,
                                                            const InviteHash& invite, Instant now) {
  if (TRY(tables.accounts.digest(account))) return std::nullopt;
  return refusalOf(tables, invite, now);
}

enum class Taken : uint8_t { nothing, name, account };

// An account that is there is not registered again: evaluating for it would be a guess at its password that no limit of
// logins counts.
store::Result<Taken> whatIsTaken(store::Tables& tables, const wire::UserName& name, const AccountId& account) {
  if (TRY(tables.accounts.find(name))) return Taken::name;
  return TRY(tables.accounts.digest(account)) ? Taken::account : Taken::nothing;
}

// Which codes make an account, and whether one is asked for at all.
struct InviteCheck {
  Registration policy;
  InviteHash invite;
};

store::Result<RegisterFinishOutcome> enter(Write& write, const store::NewAccount& account, const InviteCheck& check) {
  store::Accounts& accounts = write.tables.accounts;
  const AccountId& id = account.credentials.account;
  if (auto digest = TRY(accounts.digest(id))) {
    if (*digest == account.digest) return Registered{};
    return AccountTaken{};
  }
  if (TRY(accounts.find(account.name))) return NameTaken{};
  if (check.policy == Registration::invite) {
    // Again, since others came meanwhile: what is left of a code is known here and nowhere before.
    if (auto refusal = TRY(refusalOf(write.tables, check.invite, write.now))) {
      return outcomeOf<RegisterFinishOutcome>(*refusal);
    }
    TRY(write.tables.invites.use(*check.invite));
  }
  TRY(accounts.add(account, write.now.unixMs));
  return Registered{};
}

// What a login needs of the account of a name, if there is one.
store::Result<std::optional<store::Credentials>> credentialsOf(store::Tables& tables, const wire::UserName& name) {
  auto account = TRY(tables.accounts.find(name));
  if (!account) return std::nullopt;
  return TRY(tables.accounts.credentials(*account));
}

}  // namespace

Answer<RegisterStartOutcome> Auth::registerStart(std::string address, std::string name, Bytes account, Bytes request,
                                                 InviteHash invite) {
  if (policy_.registration == Registration::closed) co_return Closed{};
  auto parsedName = wire::UserName::parse(name);
  if (!parsedName) co_return BadName{std::string(nameOf(parsedName.error()))};
  auto accountId = decode<AccountId>(account);
  if (!accountId) co_return Malformed{"account: 16 bytes"};
  auto parsed = decode<opaque::RegistrationRequest>(request);
  if (!parsed) co_return Malformed{"request: no RegistrationRequest"};
  const bool asksForInvite = policy_.registration == Registration::invite;
  if (asksForInvite && !invite) co_return InviteNeeded{};
  if (uint64_t afterMs = rates_.registrations.take(asBytes(address), clock_.now())) co_return TooOften{afterMs};
  if (asksForInvite) {
    auto refusal = CO_TRY(co_await reader_.run(
        [invite, now = clock_.now()](store::Tables& tables) { return refusalOf(tables, invite, now); }));
    if (refusal) co_return outcomeOf<RegisterStartOutcome>(*refusal);
  }
  auto taken = CO_TRY(co_await reader_.run(
      [name = *parsedName, id = *accountId](store::Tables& tables) { return whatIsTaken(tables, name, id); }));
  if (taken == Taken::name) co_return NameTaken{};
  if (taken == Taken::account) co_return AccountTaken{};
  auto response = opaque::respondToRegistration(keys_.opaque(), account, *parsed);
  if (!response) co_return Malformed{"request: no element"};
  co_return RegistrationAnswer{encode(*response), policy_.cost};
}

Answer<RegisterFinishOutcome> Auth::registerFinish(std::string address, RegistrationRequest request,
                                                   InviteHash invite) {
  if (policy_.registration == Registration::closed) co_return Closed{};
  auto account = decode<AccountId>(request.account);
  if (!account) co_return Malformed{"account: 16 bytes"};
  if (uint64_t afterMs = rates_.registrations.take(asBytes(address), clock_.now())) co_return TooOften{afterMs};
  if (policy_.registration == Registration::invite) {
    auto refusal = CO_TRY(co_await reader_.run([account = *account, invite, now = clock_.now()](store::Tables& tables) {
      return refusalAtFinish(tables, account, invite, now);
    }));
    if (refusal) co_return outcomeOf<RegisterFinishOutcome>(*refusal);
  }
  auto checked = CheckedRegistration::check(std::move(request), policy_);
  if (!checked) co_return std::move(checked).error();
  co_return co_await writer_.run(
      [registration = *std::move(checked), check = InviteCheck{policy_.registration, invite}](Write& write) {
        return enter(write, registration.account(), check);
      });
}

Answer<LoginStartOutcome> Auth::loginStart(std::string address, std::string name, Bytes ke1) {
  auto parsedName = wire::UserName::parse(name);
  if (!parsedName) co_return Malformed{std::string(nameOf(parsedName.error()))};
  auto parsed = decode<opaque::Ke1>(ke1);
  if (!parsed) co_return Malformed{"ke1: no KE1"};
  Instant now = clock_.now();
  if (uint64_t afterMs = rates_.loginsByAddress.take(asBytes(address), now)) co_return TooOften{afterMs};
  // The same for names nobody has, so that being slowed down tells nothing.
  if (uint64_t afterMs = rates_.loginsByName.take(asBytes(parsedName->folded()), now)) co_return TooOften{afterMs};
  auto credentials =
      CO_TRY(co_await reader_.run([name = *parsedName](store::Tables& tables) { return credentialsOf(tables, name); }));
  std::optional<AccountId> account;
  std::optional<opaque::RegistrationRecord> record;
  crypto::Argon2Cost cost = policy_.cost;
  if (credentials) {
    auto stored = decode<opaque::RegistrationRecord>(credentials->record.expose());
    if (!stored) co_return std::unexpected(Unavailable());  // it was checked before it was stored: the file is damaged
    record = *std::move(stored);
    account = credentials->account;
    cost = credentials->cost;
  }
  ByteArray<16> identifier =
      account ? account->bytes : opaque::identifierForUnknown(keys_.opaque(), asBytes(parsedName->folded()));
  auto login = opaque::ServerLogin::respond(keys_.opaque(), identifier, record ? &*record : nullptr, *parsed, random_);
  if (!login) co_return Malformed{"ke1: no element"};
  Bytes ke2 = encode(login->ke2());
  co_return Challenge{std::move(ke2), cost,
                      std::make_unique<PendingLogin>(*std::move(login), account, clock_.now() + kLoginLifeMs)};
}

std::variant<AccountId, Denied> PendingLogin::finish(ByteView ke3, Instant now) {
  auto login = std::exchange(login_, std::nullopt);
  if (!login || now >= ends_) return Denied{};
  auto parsed = decode<opaque::Ke3>(ke3);
  if (!parsed || !login->finish(*parsed) || !account_) return Denied{};
  return *account_;
}

Answer<ResumeOutcome> Auth::resume(ResumeRequest request) {
  const wire::RosterEntry device = request.device;
  auto list = CO_TRY(co_await reader_.run(
      [account = device.account](store::Tables& tables) { return tables.accounts.deviceList(account); }));
  if (!list) co_return Denied{};
  const wire::ListedDevice* listed = list->tbs.devices.find(device.device);
  if (listed == nullptr) co_return Denied{};
  wire::Resume resume{{request.exporter, keys_.incarnation(), device.account, device.device}, request.signature};
  if (!wire::verify(listed->deviceKey, resume)) co_return Denied{};
  if (listed->state != wire::DeviceState::active) co_return RevokedDevice{*std::move(list)};
  co_return device;
}

}  // namespace qpq::server
