#pragma once

#include <optional>
#include <vector>

#include "server/store/logs.h"
#include "sql/database.h"
#include "wire/logs/readers.h"
#include "wire/logs/roster.h"

namespace qpq::server::store {

// Who may read what of a log, and how far each has acknowledged. A device that was removed and added again has a
// stretch of rights for each time; those without an end are the roster. Shard key: log.
class RightsTable {
 public:
  explicit RightsTable(sql::Database& database): database_(database) {}

  // The newest stretch.
  [[nodiscard]] sql::Result<std::optional<wire::Rights>> find(LogKey log, const wire::RosterEntry& device);
  // The stretch in which a device that has read up to `after` goes on, and whether another follows it; nothing if all
  // it ever had lies behind it.
  struct Next {
    wire::Rights rights;
    bool isLast;
  };
  [[nodiscard]] sql::Result<std::optional<Next>> next(LogKey log, const wire::RosterEntry& device, uint64_t after);
  [[nodiscard]] sql::Result<bool> holdsAccount(LogKey log, const AccountId& account);
  [[nodiscard]] sql::Result<wire::Roster> roster(const Log& log);
  // Changes the newest stretch, or adds one that begins later: nothing of it is acknowledged, and the one before ends.
  [[nodiscard]] sql::Result<void> put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights);

  // Raises what a device has acknowledged of each stretch; whether that changed anything.
  [[nodiscard]] sql::Result<bool> acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq);
  // The first entry somebody with a right to it has not acknowledged, be it one to come; nothing if nobody waits.
  [[nodiscard]] sql::Result<std::optional<uint64_t>> firstNeeded(LogKey log);
  // Drops stretches of which nothing is left, except each device's newest.
  [[nodiscard]] sql::Result<void> forgetUpTo(LogKey log, uint64_t seq);

 private:
  sql::Database& database_;
};

}  // namespace qpq::server::store
