#pragma once

#include <vector>

#include "server/write.h"

// What a log keeps: every entry until each device with a right to it has acknowledged it, or for its time to live
// (docs/decisions/002). Whoever is removed while away still reads what was said to it before.
namespace qpq::server {

struct Acknowledgement {
  wire::RosterEntry device;
  LogId log;
  uint64_t seq;
};

// Raises what these devices have acknowledged; the logs in which that may have freed something. A place above the
// newest entry counts as the newest; one without rights counts for nothing.
[[nodiscard]] store::Result<std::vector<store::LogKey>> acknowledge(Write& write,
                                                                    const std::vector<Acknowledgement>& places);

// Deletes what nobody waits for any more, at most kSweepRowsMax entries; whether there is more.
enum class Pruning { done, goesOn };
[[nodiscard]] store::Result<Pruning> prune(Write& write, store::LogKey log);

// The time by which things grow old: the clock's, but since the store was last asked it moves on by at most twice what
// the server has been there to serve. A clock that is a year ahead for a minute, or a server back from a month away,
// would else delete what nobody could fetch; twice, so that it gets to the clock's time again.
[[nodiscard]] store::Result<Instant> growOlder(Write& write, uint64_t servedMs);

// One bounded step through everything that has grown too old by `age`: entries, marks, key packages.
[[nodiscard]] store::Result<Pruning> sweep(Write& write, Instant age);

}  // namespace qpq::server
