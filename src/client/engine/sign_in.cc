#include "client/engine/sign_in.h"

#include "base/paper.h"
#include "client/engine/failures.h"
#include "client/engine/limits.h"
#include "loop/co_try.h"
#include "opaque/client.h"
#include "opaque/ksf.h"
#include "opaque/messages.h"
#include "schema/data.h"
#include "wire/people/vault.h"

namespace qpq::client {

namespace {

using schema::bytesOf;
using schema::dataOf;

crypto::Argon2Cost costOf(schema::KsfCost::Reader cost) {
  return {cost.getMemoryKib(), cost.getPasses(), cost.getLanes()};
}

Error opaqueFailure(const opaque::Error& error) {
  using enum opaque::Error;
  switch (error) {
    case costRefused:
      return failures::serverRefused("the server wants passwords to be protected too weakly, or at too high a cost",
                                     "its operator can change that");
    case exhausted:
      return {ErrorCode::internal, "not enough memory to protect the password", "free some and try again"};
    case invalidInput: return {ErrorCode::badInput, "the password is too long", {}};
    case envelopeRecovery:
    case serverAuthentication: return failures::wrongPassword();
    default: return failures::lyingServer("a sign-in message cannot be read");
  }
}

template <class T>
Result<T> orFailure(opaque::Result<T> result) {
  if (!result) return std::unexpected(opaqueFailure(result.error()));
  return std::move(*result);
}

// What the worker makes of the server's registration response.
struct Protected {
  core::Registration registration;
  Registered registered;
};

Result<Protected> protect(const opaque::ClientRegistration& state, const Bytes& answer, const crypto::Argon2Cost& cost,
                          const crypto::Argon2Cost& costAccepted, const core::NewAccount& account, Random& random) {
  auto response = decode<opaque::RegistrationResponse>(answer);
  if (!response) return std::unexpected(failures::lyingServer("a sign-in message cannot be read"));
  auto ksf = TRY(orFailure(opaque::Argon2id::make(cost, {.costMin = costAccepted})));
  auto done = TRY(orFailure(state.finish(*response, ksf, random)));
  Secret<kRecoveryKeySize> recovery = random.secret<kRecoveryKeySize>();
  auto recoveryKey = wire::VaultKey::fromRecoveryKey(recovery.expose());
  if (!recoveryKey) return std::unexpected(Error{ErrorCode::internal, "the recovery key is too short", {}});
  const AccountId& id = account.device.certificate.tbs.account;
  wire::Vault vault;
  vault.byPassword =
      wire::sealSeed(wire::VaultKey::fromExportKey(done.exportKey.expose()), id, 1, account.accountSeed, random);
  vault.byRecovery = wire::sealSeed(*recoveryKey, id, 1, account.accountSeed, random);
  SecretBytes record = encodeSecret(done.record);
  return Protected{{toBytes(record.expose()), cost, encode(vault)}, {toPaper(recovery.expose())}};
}

bool isInviteRefusal(ErrorCode code) {
  using enum ErrorCode;
  return code == inviteNeeded || code == inviteUnknown || code == inviteSpent || code == inviteExpired;
}

Promise<void> sendRegistration(Dialled& server, const core::PendingSignIn& pending, Invite invite) {
  auto request = server.link.node.registerFinishRequest();
  auto out = request.initRegistration();
  Bytes certificate = encode(pending.certificate);
  Bytes list = encode(pending.list);
  out.setName(pending.name);
  out.setAccount(dataOf(pending.certificate.tbs.account.view()));
  out.setRecord(dataOf(pending.registration->record));
  out.setVault(dataOf(pending.registration->vault));
  auto cost = out.initCost();
  cost.setMemoryKib(pending.registration->cost.memoryKib);
  cost.setPasses(pending.registration->cost.passes);
  cost.setLanes(pending.registration->cost.lanes);
  out.setDeviceList(dataOf(list));
  out.setCertificate(dataOf(certificate));
  if (invite) out.setInvite(dataOf(invite->expose()));
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  switch (outcome.which()) {
    case schema::RegisterFinish::REGISTERED: co_return Result<void>();
    case schema::RegisterFinish::NAME_TAKEN:
      co_return std::unexpected(Error{ErrorCode::nameTaken, "the name " + pending.name + " is taken",
                                      "if it is yours: qpq login " + pending.name});
    case schema::RegisterFinish::ACCOUNT_TAKEN:
      co_return std::unexpected(Error{ErrorCode::internal, "the account id is taken", "try again"});
    case schema::RegisterFinish::CLOSED:
      co_return std::unexpected(failures::serverRefused("this server registers nobody", "ask its operator"));
    case schema::RegisterFinish::RATE: co_return std::unexpected(failures::rateLimited(outcome.getRate()));
    case schema::RegisterFinish::MALFORMED:
      co_return std::unexpected(failures::malformed(schema::stringOf(outcome.getMalformed())));
    case schema::RegisterFinish::INVITE: co_return std::unexpected(failures::invite(outcome.getInvite()));
  }
  co_return std::unexpected(failures::malformed("an answer this version does not know"));
}

Result<Bytes> registrationStarted(schema::RegisterStart::Reader outcome, const std::string& name) {
  switch (outcome.which()) {
    case schema::RegisterStart::RESPONSE: return bytesOf(outcome.getResponse());
    case schema::RegisterStart::NAME_TAKEN:
      return std::unexpected(
          Error{ErrorCode::nameTaken, "the name " + name + " is taken", "if it is yours: qpq login " + name});
    case schema::RegisterStart::ACCOUNT_TAKEN:
      return std::unexpected(Error{ErrorCode::internal, "the account id is taken", "try again"});
    case schema::RegisterStart::BAD_NAME:
      return std::unexpected(Error{ErrorCode::badInput,
                                   "that cannot be a user name: " + schema::stringOf(outcome.getBadName()),
                                   "1 to 64 letters, digits, '.', '_' or '-'"});
    case schema::RegisterStart::CLOSED:
      return std::unexpected(failures::serverRefused("this server registers nobody", "ask its operator"));
    case schema::RegisterStart::RATE: return std::unexpected(failures::rateLimited(outcome.getRate()));
    case schema::RegisterStart::MALFORMED:
      return std::unexpected(failures::malformed(schema::stringOf(outcome.getMalformed())));
    case schema::RegisterStart::INVITE: return std::unexpected(failures::invite(outcome.getInvite()));
  }
  return std::unexpected(failures::malformed("an answer this version does not know"));
}

// Plain values that have to travel to the worker and back.
template <class T>
std::shared_ptr<T> shared(T value) {
  return std::make_shared<T>(std::move(value));
}

Promise<schema::Enrolment::Client> provePassword(const World& world, CoreSeat& core, Dialled& server,
                                                 crypto::Argon2Cost costAccepted, const std::string& name,
                                                 std::shared_ptr<SecretBytes> password,
                                                 std::shared_ptr<opaque::Key> exportKey) {
  auto started = co_await core.compute(
      [password, &random = world.random]() { return opaque::ClientLogin::start(kj::mv(*password), random); });
  if (!started) co_return std::unexpected(opaqueFailure(started.error()));
  auto state = shared(kj::mv(*started));

  auto request = server.link.node.loginStartRequest();
  Bytes ke1 = encode(state->ke1());
  request.setName(name);
  request.setKe1(dataOf(ke1));
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  if (outcome.isRate()) co_return std::unexpected(failures::rateLimited(outcome.getRate()));
  if (!outcome.isChallenge())
    co_return std::unexpected(
        failures::malformed(outcome.isMalformed() ? schema::stringOf(outcome.getMalformed()) : ""));
  auto challenge = outcome.getChallenge();

  auto finished = co_await core.compute([state, exportKey, ke2 = bytesOf(challenge.getKe2()),
                                         cost = costOf(challenge.getCost()), costAccepted]() -> Result<Bytes> {
    auto decoded = decode<opaque::Ke2>(ke2);
    if (!decoded) return std::unexpected(failures::lyingServer("a sign-in message cannot be read"));
    auto ksf = TRY(orFailure(opaque::Argon2id::make(cost, {.costMin = costAccepted})));
    auto done = TRY(orFailure(state->finish(*decoded, ksf)));
    *exportKey = kj::mv(done.exportKey);
    return encode(done.ke3);
  });
  Bytes ke3 = CO_TRY(kj::mv(finished));
  auto finish = challenge.getLogin().finishRequest();
  finish.setKe3(dataOf(ke3));
  auto end = co_await finish.send();
  if (!end.getOutcome().isAccount()) co_return std::unexpected(failures::wrongPassword());
  co_return end.getOutcome().getAccount().getEnrolment();
}

}  // namespace

Result<Invite> inviteFrom(const SecretBytes& typed) {
  if (typed.empty()) return std::nullopt;
  auto code = wire::InviteCode::parse(typed.expose());
  if (!code) {
    return std::unexpected(Error{ErrorCode::badInput, "that is no invite code",
                                 "it has 32 letters and digits, in groups of five; is it whole?"});
  }
  return code;
}

Promise<Registered> registerAccount(const World& world, CoreSeat& core, Dialled& server,
                                    crypto::Argon2Cost costAccepted, std::string name, SecretBytes password,
                                    Invite invite) {
  auto account = shared(CO_TRY(co_await core.ask([name](core::Core& c) { return c.makeAccount(name); })));
  auto started = opaque::ClientRegistration::start(kj::mv(password), world.random);
  if (!started) co_return std::unexpected(opaqueFailure(started.error()));
  auto state = shared(kj::mv(*started));

  auto request = server.link.node.registerStartRequest();
  Bytes first = encode(state->request());
  request.setName(name);
  request.setAccount(dataOf(account->device.certificate.tbs.account.view()));
  request.setRequest(dataOf(first));
  if (invite) request.setInvite(dataOf(invite->expose()));
  auto response = co_await request.send();
  Bytes answer = CO_TRY(registrationStarted(response.getOutcome(), name));
  crypto::Argon2Cost cost = costOf(response.getOutcome().getCost());

  auto made = CO_TRY(co_await core.ask(
      [account, state, answer, cost, costAccepted, &random = world.random](core::Core& c) -> Result<Protected> {
        Protected secured = TRY(protect(*state, answer, cost, costAccepted, *account, random));
        TRY(c.keepSignIn(account->device, secured.registration));
        return secured;
      }));
  CO_TRY(co_await finishSignIn(core, server, kj::mv(invite)));
  co_return kj::mv(made.registered);
}

Promise<void> finishSignIn(CoreSeat& core, Dialled& server, Invite invite) {
  auto pending = CO_TRY(co_await core.ask([](core::Core& c) { return c.pendingSignIn(); }));
  // An interrupted enrolment needs nothing more: resuming shows whether the server has it.
  if (!pending || !pending->registration) co_return Result<void>();
  auto sent = co_await sendRegistration(server, *pending, kj::mv(invite));
  if (sent) co_return co_await core.ask([](core::Core& c) { return c.completeSignIn(); });
  ErrorCode code = sent.error().code;
  bool final = code == ErrorCode::nameTaken || code == ErrorCode::internal || isInviteRefusal(code);
  if (final) CO_TRY(co_await core.ask([](core::Core& c) { return c.dropSignIn(); }));
  co_return std::unexpected(sent.error());
}

Promise<void> enrolDevice(const World& world, CoreSeat& core, Dialled& server, crypto::Argon2Cost costAccepted,
                          std::string name, SecretBytes password) {
  auto exportKey = std::make_shared<opaque::Key>();
  auto enrolment =
      CO_TRY(co_await provePassword(world, core, server, costAccepted, name, shared(kj::mv(password)), exportKey));
  auto vault = co_await enrolment.vaultRequest().send();
  auto seed = CO_TRY(
      co_await core.compute([exportKey, encoded = bytesOf(vault.getVault())]() -> Result<std::shared_ptr<Secret<32>>> {
        auto decoded = decode<wire::Vault>(encoded);
        if (!decoded) return std::unexpected(failures::lyingServer("the vault cannot be read"));
        auto opened = wire::openSeed(wire::VaultKey::fromExportKey(exportKey->expose()), decoded->byPassword);
        if (!opened) return std::unexpected(failures::lyingServer("the vault does not open"));
        return shared(kj::mv(*opened));
      }));
  auto current = co_await enrolment.devicesRequest().send();
  Bytes encodedList = bytesOf(current.getList());
  for (int attempt = 0; attempt < kEnrolAttemptsMax; ++attempt) {
    auto device =
        CO_TRY(co_await core.ask([name, seed, encodedList](core::Core& c) -> Result<std::shared_ptr<core::NewDevice>> {
          auto list = decode<wire::DeviceList>(encodedList);
          if (!list) return std::unexpected(failures::lyingServer("the device list cannot be read"));
          auto verified = wire::VerifiedDeviceList::check(*list);
          if (!verified) return std::unexpected(failures::lyingServer("the device list is not signed by its account"));
          auto made = shared(TRY(c.makeDevice(name, *seed, *verified)));
          TRY(c.keepSignIn(*made, std::nullopt));
          return made;
        }));
    auto request = enrolment.enrolRequest();
    Bytes certificate = encode(device->certificate);
    Bytes list = encode(device->list);
    request.setCertificate(dataOf(certificate));
    request.setList(dataOf(list));
    auto response = co_await request.send();
    auto outcome = response.getOutcome();
    if (outcome.isAccepted()) co_return co_await core.ask([](core::Core& c) { return c.completeSignIn(); });
    if (!outcome.isConflict()) {
      CO_TRY(co_await core.ask([](core::Core& c) { return c.dropSignIn(); }));
      if (outcome.isLimit()) {
        co_return std::unexpected(failures::serverRefused(
            "the account has " + std::to_string(outcome.getLimit()) + " devices, the most there can be",
            "revoke one first"));
      }
      co_return std::unexpected(
          failures::malformed(outcome.isMalformed() ? schema::stringOf(outcome.getMalformed()) : ""));
    }
    encodedList = bytesOf(outcome.getConflict());
  }
  co_return std::unexpected(failures::serverRefused("another device keeps changing the account", "try again"));
}

}  // namespace qpq::client
