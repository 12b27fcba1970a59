#pragma once

#include <optional>
#include <vector>

#include "server/store/error.h"
#include "server/store/logs.h"
#include "wire/logs/readers.h"
#include "wire/logs/roster.h"

namespace qpq::server::store {

// Who may read what of a log, and how far each has acknowledged. A device that was removed and added again has a
// stretch of rights for each time; those without an end are the roster. Shard key: log.
class RightsTable {
 public:
  virtual ~RightsTable() = default;

  // The newest stretch.
  [[nodiscard]] virtual Result<std::optional<wire::Rights>> find(LogKey log, const wire::RosterEntry& device) = 0;
  // The stretch in which a device that has read up to `after` goes on, and whether another follows it; nothing if all
  // it ever had lies behind it.
  struct Next {
    wire::Rights rights;
    bool isLast;
  };
  [[nodiscard]] virtual Result<std::optional<Next>> next(LogKey log, const wire::RosterEntry& device,
                                                         uint64_t after) = 0;
  [[nodiscard]] virtual Result<bool> holdsAccount(LogKey log, const AccountId& account) = 0;
  [[nodiscard]] virtual Result<wire::Roster> roster(const Log& log) = 0;
  // Changes the newest stretch, or adds one that begins later: nothing of it is acknowledged, and the one before ends.
  [[nodiscard]] virtual Result<void> put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights) = 0;

  // Raises what a device has acknowledged of each stretch; whether that changed anything.
  [[nodiscard]] virtual Result<bool> acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq) = 0;
  // The first entry somebody with a right to it has not acknowledged, be it one to come; nothing if nobody waits.
  [[nodiscard]] virtual Result<std::optional<uint64_t>> firstNeeded(LogKey log) = 0;
  // Drops stretches of which nothing is left, except each device's newest.
  [[nodiscard]] virtual Result<void> forgetUpTo(LogKey log, uint64_t seq) = 0;
};

}  // namespace qpq::server::store
