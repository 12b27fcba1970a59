#pragma once

#include <cstdint>
#include <vector>

#include "base/ids.h"
#include "server/store/error.h"
#include "server/store/logs.h"

namespace qpq::server::store {

// One log in an account's index.
struct InboxEntry {
  uint64_t change;
  LogKey log;

  bool operator==(const InboxEntry&) const = default;
};

// The index of an account: its logs by change number. It follows the rosters, which are the truth. Shard key: account.
class Inbox {
 public:
  virtual ~Inbox() = default;

  // The log has changed for this account; the new change number. Nothing of an account that is not there: 0.
  [[nodiscard]] virtual Result<uint64_t> touch(const AccountId& account, LogKey log) = 0;
  [[nodiscard]] virtual Result<bool> lists(const AccountId& account, LogKey log) = 0;
  [[nodiscard]] virtual Result<uint64_t> newest(const AccountId& account) = 0;
  [[nodiscard]] virtual Result<uint64_t> size(const AccountId& account) = 0;
  // At most `entriesMax` with a change above `since`, ascending.
  [[nodiscard]] virtual Result<std::vector<InboxEntry>> read(const AccountId& account, uint64_t since,
                                                             std::size_t entriesMax) = 0;
};

}  // namespace qpq::server::store
