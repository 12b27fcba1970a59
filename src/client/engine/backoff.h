#pragma once

#include <algorithm>
#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace qpq::client {

// How long to wait before trying to connect again: doubling, and drawn anew between half and the whole, so that the
// clients of a server that restarts do not all come back in the same instant.
class Backoff {
 public:
  static constexpr uint64_t kFirstMs = 500;
  static constexpr uint64_t kMaxMs = kMinuteMs;

  uint64_t nextMs(Random& random) {
    uint64_t whole = waitMs_;
    waitMs_ = std::min(waitMs_ * 2, kMaxMs);
    auto drawn = random.bytes<2>();
    uint64_t fraction = uint64_t{drawn[0]} << 8 | drawn[1];
    return whole / 2 + whole * fraction / (2 * 65'535);
  }
  void reset() { waitMs_ = kFirstMs; }

 private:
  uint64_t waitMs_ = kFirstMs;
};

}  // namespace qpq::client
