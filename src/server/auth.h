#pragma once

#include <kj/async.h>

#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/random.h"
#include "base/time.h"
#include "crypto/argon2.h"
#include "opaque/server.h"
#include "server/entry_rates.h"
#include "server/invites.h"
#include "server/keys.h"
#include "server/outcomes.h"
#include "server/reader.h"
#include "server/registration_policy.h"
#include "server/writer.h"

namespace qpq::server {

// How this server lets people in.
struct AuthPolicy {
  crypto::Argon2Cost cost = crypto::kArgon2CostMin;  // asked of new records; the least that is accepted, too
  Registration registration = Registration::open;
};

struct NameTaken {};
struct AccountTaken {};
struct BadName {
  std::string rule;
};
struct Closed {};
struct Registered {};
struct Denied {};

struct RegistrationAnswer {
  Bytes response;  // RFC 9807 RegistrationResponse
  crypto::Argon2Cost cost;
};
using RegisterStartOutcome = std::variant<RegistrationAnswer, NameTaken, AccountTaken, BadName, Closed, TooOften,
                                          Malformed, InviteNeeded, InviteUnknown, InviteSpent, InviteExpired>;

// As it came; nothing of it is trusted.
struct RegistrationRequest {
  std::string name;
  Bytes account;
  SecretBytes record;
  crypto::Argon2Cost cost;
  Bytes vault;
  Bytes deviceList;
  Bytes certificate;
};
using RegisterFinishOutcome = std::variant<Registered, NameTaken, AccountTaken, Closed, TooOften, Malformed,
                                           InviteNeeded, InviteUnknown, InviteSpent, InviteExpired>;

// A login between KE2 and KE3. One attempt, within kLoginLifeMs.
class PendingLogin {
 public:
  PendingLogin(opaque::ServerLogin login, std::optional<AccountId> account, Instant ends)
      : login_(std::move(login)), account_(account), ends_(ends) {}

  // The account whose password the client has proven to know.
  std::variant<AccountId, Denied> finish(ByteView ke3, Instant now);

 private:
  std::optional<opaque::ServerLogin> login_;  // gone after the one attempt
  std::optional<AccountId> account_;          // nothing: no such user
  Instant ends_;
};

struct Challenge {
  Bytes ke2;
  crypto::Argon2Cost cost;
  std::unique_ptr<PendingLogin> login;
};
using LoginStartOutcome = std::variant<Challenge, TooOften, Malformed>;

struct ResumeRequest {
  wire::RosterEntry device;
  ByteArray<32> exporter;  // of this connection
  wire::Signature signature;
};
struct RevokedDevice {
  wire::DeviceList list;
};
using ResumeOutcome = std::variant<wire::RosterEntry, Denied, RevokedDevice>;

// Registration, login by password, resumption by device key. `address` is whatever limits count by.
class Auth {
 public:
  Auth(StoreWriter& writer, StoreReader& reader, const ServerKeys& keys, const Clock& clock, Random& random,
       EntryRates& rates, const AuthPolicy& policy)
      : writer_(writer), reader_(reader), keys_(keys), clock_(clock), random_(random), rates_(rates), policy_(policy) {}

  // Where an invite is asked for, nothing is computed or told of a name before there is a good one.
  Answer<RegisterStartOutcome> registerStart(std::string address, std::string name, Bytes account, Bytes request,
                                             InviteHash invite = {});
  // Name, account, record, vault, first list and certificate become durable together, and with them one use of the
  // invite. Repeated, the answer is the same, and needs no invite.
  Answer<RegisterFinishOutcome> registerFinish(std::string address, RegistrationRequest request,
                                               InviteHash invite = {});
  Answer<LoginStartOutcome> loginStart(std::string address, std::string name, Bytes ke1);
  Answer<ResumeOutcome> resume(ResumeRequest request);

  const AuthPolicy& policy() const { return policy_; }

 private:
  StoreWriter& writer_;
  StoreReader& reader_;
  const ServerKeys& keys_;
  const Clock& clock_;
  Random& random_;
  EntryRates& rates_;
  const AuthPolicy policy_;
};

// Whether a record made at this cost may be stored here.
bool isAcceptable(const crypto::Argon2Cost& cost, const AuthPolicy& policy);

}  // namespace qpq::server
