#include "server/auth.h"

#include <utility>

#include "loop/co_try.h"
#include "server/registration.h"
#include "wire/people/resume.h"

namespace qpq::server {

namespace {

std::string_view nameOf(const wire::Error& error) { return wire::name(error.code); }

store::Result<RegisterFinishOutcome> enter(Write& write, const store::NewAccount& account) {
  store::Accounts& accounts = write.tables.accounts;
  const AccountId& id = account.credentials.account;
  if (auto digest = TRY(accounts.digest(id))) {
    if (*digest == account.digest) return Registered{};
    return AccountTaken{};
  }
  if (TRY(accounts.find(account.name))) return NameTaken{};
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

Answer<RegisterStartOutcome> Auth::registerStart(std::string address, std::string name, Bytes account, Bytes request) {
  if (!policy_.isOpen) co_return Closed{};
  auto parsedName = wire::UserName::parse(name);
  if (!parsedName) co_return BadName{std::string(nameOf(parsedName.error()))};
  if (account.size() != sizeof(AccountId)) co_return Malformed{"account: 16 bytes"};
  auto parsed = decode<opaque::RegistrationRequest>(request);
  if (!parsed) co_return Malformed{"request: no RegistrationRequest"};
  if (uint64_t afterMs = rates_.registrations.take(asBytes(address), clock_.now())) co_return TooOften{afterMs};
  auto taken =
      CO_TRY(co_await reader_.run([name = *parsedName](store::Tables& tables) { return tables.accounts.find(name); }));
  if (taken) co_return NameTaken{};
  auto response = opaque::respondToRegistration(keys_.opaque(), account, *parsed);
  if (!response) co_return Malformed{"request: no element"};
  co_return RegistrationAnswer{encode(*response), policy_.cost};
}

Answer<RegisterFinishOutcome> Auth::registerFinish(std::string address, RegistrationRequest request) {
  if (!policy_.isOpen) co_return Closed{};
  auto checked = CheckedRegistration::check(std::move(request), policy_);
  if (!checked) co_return std::move(checked).error();
  if (uint64_t afterMs = rates_.registrations.take(asBytes(address), clock_.now())) co_return TooOften{afterMs};
  co_return co_await writer_.run(
      [registration = *std::move(checked)](Write& write) { return enter(write, registration.account()); });
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
