#include "quic/virtual_time.h"

#include <kj/debug.h>

namespace qpq::quic {

// Not at zero: a component that subtracts from the present must not reach before the origin.
VirtualTime::VirtualTime(): timer_(kj::origin<kj::TimePoint>() + 1 * kj::DAYS) {}

bool VirtualTime::wait() {
  if (poll()) return true;
  KJ_IF_MAYBE (next, timer_.nextEvent()) {
    timer_.advanceTo(kj::max(*next, timer_.now()));
  } else {
    KJ_FAIL_REQUIRE("deadlock: somebody waits, and nothing will ever happen again");
  }
  return false;
}

}  // namespace qpq::quic
