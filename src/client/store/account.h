#pragma once

#include <optional>

#include "client/core/account.h"
#include "client/store/failure.h"
#include "sql/database.h"

namespace qpq::client::store {

enum class AccountState : uint8_t { pending = 1, signedIn = 2 };
constexpr bool isKnown(AccountState state) { return state == AccountState::pending || state == AccountState::signedIn; }

// Who this device is, or is about to be.
struct OwnAccount {
  AccountState state{};
  std::string name;
  Secret<32> deviceSeed;
  wire::Certificate certificate;
  wire::DeviceList list;
  std::optional<core::Registration> registration;

  wire::RosterEntry self() const { return {certificate.tbs.account, certificate.tbs.device}; }
};

// The profile's one account.
class Account {
 public:
  explicit Account(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<std::optional<OwnAccount>> read();
  // Takes the place of whatever stood there.
  [[nodiscard]] Result<void> put(const core::NewDevice& device, const std::optional<core::Registration>& registration);
  [[nodiscard]] Result<void> complete();  // signed in; forgets the registration
  [[nodiscard]] Result<void> drop();
  [[nodiscard]] Result<void> replaceList(const wire::DeviceList& list);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
