#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "server/store/logs.h"
#include "sql/database.h"
#include "wire/types.h"

namespace qpq::server::store {

// One log in an account's index, as one of its devices sees it.
struct InboxEntry {
  uint64_t change;
  LogId log;
  uint64_t rightsFrom;  // of the newest stretch; 0: this device has none
  uint64_t rightsEnd;   // 0: they have not ended
  bool hasRights;
  std::optional<AccountId> direct;  // the other account of a direct log
  std::optional<LogId> successor;

  bool operator==(const InboxEntry&) const = default;
};

// The index of an account: its logs by change number. It follows the rosters, which are the truth. Shard key: account.
class Inbox {
 public:
  explicit Inbox(sql::Database& database): database_(database) {}

  // The log has changed for this account; the new change number.
  [[nodiscard]] sql::Result<uint64_t> touch(const AccountId& account, LogKey log);
  [[nodiscard]] sql::Result<bool> lists(const AccountId& account, LogKey log);
  [[nodiscard]] sql::Result<uint64_t> newest(const AccountId& account);
  [[nodiscard]] sql::Result<uint64_t> size(const AccountId& account);
  // At most `entriesMax` with a change above `since`, ascending.
  [[nodiscard]] sql::Result<std::vector<InboxEntry>> read(const wire::RosterEntry& device, uint64_t since,
                                                          std::size_t entriesMax);

 private:
  sql::Database& database_;
};

}  // namespace qpq::server::store
