#pragma once

#include <optional>
#include <set>
#include <string>

#include "base/random.h"
#include "base/time.h"
#include "client/conversation/groups.h"
#include "client/core/delivery.h"
#include "client/store/tables.h"
#include "sql/transaction.h"

namespace qpq::client::conversation {

// What everything done to a conversation has before it: the tables, the groups, who we are, the time and randomness.
struct Desk {
  store::Tables& tables;
  Groups& groups;
  const Clock& clock;
  Random& random;
  const store::OwnAccount& own;
  // Entries the server has receipted and that have not been read back. In memory only: after a restart they are sent
  // again, which the server answers with the first receipt.
  std::set<EntryId>& accepted;

  const wire::RosterEntry& self() const { return self_; }
  crypto::SignatureKeyPair signer() const {
    return {SecretBytes(own.deviceSeed.expose()), toBytes(own.certificate.tbs.deviceKey)};
  }
  store::Result<std::string> nameOf(const AccountId& account) const { return tables.people.nameOf(account); }
  store::Result<Who> who(const AccountId& account) const { return Who{account, TRY(nameOf(account))}; }

  wire::RosterEntry self_ = own.self();
};

// One transaction that changes one conversation. Unless it commits, the group in memory goes back to its records.
class Step {
 public:
  static store::Result<Step> begin(Desk& desk, const LogId& log) {
    return Step(desk, log, TRY(sql::Transaction::begin(desk.tables.database)));
  }
  Step(Step&& other) noexcept
      : desk_(std::exchange(other.desk_, nullptr)), log_(other.log_), transaction_(std::move(other.transaction_)) {}
  Step& operator=(Step&&) = delete;
  ~Step() {
    if (desk_ != nullptr) desk_->groups.drop(log_);
  }
  store::Result<void> commit() {
    TRY(desk_->groups.keep(log_));
    TRY(transaction_.commit());
    desk_ = nullptr;
    return {};
  }

 private:
  Step(Desk& desk, const LogId& log, sql::Transaction transaction)
      : desk_(&desk), log_(log), transaction_(std::move(transaction)) {}
  Desk* desk_;  // null once committed
  LogId log_;
  sql::Transaction transaction_;
};

}  // namespace qpq::client::conversation
