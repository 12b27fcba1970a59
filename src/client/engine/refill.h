#pragma once

#include <vector>

#include "client/engine/online.h"
#include "client/engine/outcomes.h"

namespace qpq::client {

struct Refilled {
  bool waitsForOthers = false;      // of some log only others have what must come first
  std::vector<core::Place> follow;  // logs that have gone on without what was here
};

// After a restore the server is given back, log by log, what it lacks and this device still has. Nothing is appended to
// a log before.
Promise<Refilled> refill(CoreSeat& core, Online& online, Outcomes& outcomes);

}  // namespace qpq::client
