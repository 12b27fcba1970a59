#pragma once

#include <cstdint>
#include <map>
#include <optional>

#include "wire/error.h"
#include "wire/logs/terms.h"
#include "wire/types.h"

namespace qpq::wire {

// Which entries of a log a device may read: one stretch of them. `end` is the entry that took it off the roster, which
// it still reads.
struct Rights {
  uint64_t begin = 0;
  std::optional<uint64_t> end;  // nothing: it is on the roster

  bool covers(uint64_t seq) const { return seq >= begin && (!end || seq <= *end); }
  bool operator==(const Rights&) const = default;
};

// Everyone who may read something of a log, with the newest stretch of each: its roster, and those who were on it. The
// server's knowledge; a member who came later cannot have it, so no member's judgement rests on it.
struct Readers {
  std::map<RosterEntry, Rights> devices;

  // Behind the entry `seq` with these terms, which the roster has accepted (Roster::after). Added: rights begin here,
  // also where they existed before. Removed or left: they end here. Restored: as if they had not ended.
  //   notOnRoster, alreadyOnRoster, neverHadRights
  Result<Readers> after(uint64_t seq, const Terms& terms) const;
  std::optional<Rights> find(const RosterEntry& device) const;
  bool operator==(const Readers&) const = default;
};

}  // namespace qpq::wire
