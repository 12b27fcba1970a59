#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/secret.h"
#include "crypto/argon2.h"
#include "server/store/error.h"
#include "wire/people/certificate.h"
#include "wire/people/device_list.h"
#include "wire/people/user_name.h"
#include "wire/people/vault.h"

namespace qpq::server::store {

// What OPAQUE keeps of a user: the record with the stretching cost it was made at.
struct Credentials {
  AccountId account;
  SecretBytes record;
  crypto::Argon2Cost cost;
};

struct NewAccount {
  wire::UserName name;
  Credentials credentials;
  wire::Vault vault;
  wire::DeviceList list;
  wire::Certificate certificate;
  wire::Hash digest;  // of everything above: a repetition is known by it
};

struct Person {
  AccountId account;
  std::string name;  // as its owner writes it
  wire::DeviceList list;
};

// Accounts with what belongs to each alone: names, credentials, vaults, device lists, certificates. Shard key: account
// (a name leads to one).
class Accounts {
 public:
  virtual ~Accounts() = default;

  // The name and the account id are free: the caller has looked. `failed` otherwise.
  [[nodiscard]] virtual Result<void> add(const NewAccount& account, uint64_t nowMs) = 0;
  [[nodiscard]] virtual Result<std::optional<wire::Hash>> digest(const AccountId& account) = 0;

  [[nodiscard]] virtual Result<std::optional<AccountId>> find(const wire::UserName& name) = 0;
  [[nodiscard]] virtual Result<std::optional<Person>> person(const AccountId& account) = 0;
  [[nodiscard]] virtual Result<std::optional<Credentials>> credentials(const AccountId& account) = 0;

  [[nodiscard]] virtual Result<std::optional<wire::Vault>> vault(const AccountId& account) = 0;
  // Of an account that is there, as the next.
  [[nodiscard]] virtual Result<void> replaceVault(const Credentials& credentials, const wire::Vault& vault) = 0;

  [[nodiscard]] virtual Result<std::optional<wire::DeviceList>> deviceList(const AccountId& account) = 0;
  [[nodiscard]] virtual Result<void> replaceDeviceList(const wire::DeviceList& list) = 0;
  [[nodiscard]] virtual Result<std::optional<wire::Certificate>> certificate(const wire::RosterEntry& device) = 0;
  // The first of a device, or one for its next key.
  [[nodiscard]] virtual Result<void> putCertificate(const wire::Certificate& certificate) = 0;
};

}  // namespace qpq::server::store
