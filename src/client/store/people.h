#pragma once

#include <optional>
#include <string>
#include <vector>

#include "client/core/account.h"
#include "client/store/failure.h"
#include "sql/database.h"

namespace qpq::client::store {

// Everybody this profile has met, with the account key each was first met under.
class People {
 public:
  explicit People(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<std::optional<core::KnownPerson>> find(const AccountId& account);
  // By folded name; of several that have borne it, whoever was noted last.
  [[nodiscard]] Result<std::optional<core::KnownPerson>> findByName(const std::string& folded);
  [[nodiscard]] Result<void> put(const core::KnownPerson& person, const std::string& folded);
  // Somebody met as a leaf only: the key is pinned, the name unknown yet. Nothing happens if the account is known.
  [[nodiscard]] Result<void> meet(const AccountId& account, const wire::PublicKey& accountKey);
  [[nodiscard]] Result<std::vector<AccountId>> nameless();
  // The user name, or the beginning of the account id in hex if no name is known.
  [[nodiscard]] Result<std::string> nameOf(const AccountId& account);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
