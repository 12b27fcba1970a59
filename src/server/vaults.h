#pragma once

#include <variant>

#include "server/auth.h"
#include "server/outcomes.h"
#include "server/reader.h"
#include "server/writer.h"

namespace qpq::server {

struct StoredVault {
  wire::Vault vault;
  crypto::Argon2Cost cost;  // of the password that opens it
};
struct OtherVault {
  wire::Vault stored;  // another device was first
};
using VaultOutcome = std::variant<Accepted, OtherVault, TooOften, Malformed>;

// The sealed account key and the OPAQUE record that goes with it. Whoever asks has proven which account it is.
class Vaults {
 public:
  Vaults(StoreWriter& writer, StoreReader& reader, const ServerKeys& keys, const Clock& clock, EntryRates& rates,
         const AuthPolicy& policy)
      : writer_(writer), reader_(reader), keys_(keys), clock_(clock), rates_(rates), policy_(policy) {}

  Answer<StoredVault> read(AccountId account);
  // OPAQUE registration again, for a new password.
  std::variant<RegistrationAnswer, TooOften, Malformed> changeStart(const AccountId& account, ByteView request);
  // Record and vault in one transaction: a new password never opens the old half. The half sealed under the password
  // carries the next revision; the other one stays as it is or carries its next. A repetition is accepted again.
  Answer<VaultOutcome> replace(AccountId account, SecretBytes record, crypto::Argon2Cost cost, Bytes vault);

 private:
  StoreWriter& writer_;
  StoreReader& reader_;
  const ServerKeys& keys_;
  const Clock& clock_;
  EntryRates& rates_;
  const AuthPolicy policy_;
};

}  // namespace qpq::server
