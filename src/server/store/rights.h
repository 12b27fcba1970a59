#pragma once

#include <optional>
#include <vector>

#include "server/store/logs.h"
#include "sql/database.h"
#include "wire/logs/readers.h"
#include "wire/logs/roster.h"

namespace qpq::server::store {

// Who may read what of a log, and how far each has acknowledged. Those without an end are the roster. Shard key: log.
class RightsTable {
 public:
  explicit RightsTable(sql::Database& database): database_(database) {}

  [[nodiscard]] sql::Result<std::optional<wire::Rights>> find(LogKey log, const wire::RosterEntry& device);
  [[nodiscard]] sql::Result<bool> holdsAccount(LogKey log, const AccountId& account);
  [[nodiscard]] sql::Result<wire::Roster> roster(const Log& log);
  // Rights that begin anew forget the acknowledgements before them.
  [[nodiscard]] sql::Result<void> put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights);

  // Raises what a device on the roster has acknowledged; whether that changed anything.
  [[nodiscard]] sql::Result<bool> acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq);
  // The first entry some device on the roster still needs; nothing if the roster is empty.
  [[nodiscard]] sql::Result<std::optional<uint64_t>> firstNeeded(LogKey log);

 private:
  sql::Database& database_;
};

}  // namespace qpq::server::store
