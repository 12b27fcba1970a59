#pragma once

#include <kj/time.h>

#include <algorithm>
#include <cstdint>

namespace qpq::quic {

// At most `burst` at once and `perMinute` in the long run. Starts full.
class RateLimit {
 public:
  RateLimit(uint32_t burst, uint64_t perMinute): burst_(burst), perMinute_(perMinute), left_(burst) {}

  // Takes one if there is one.
  bool take(kj::TimePoint now) {
    if (since_ == nullptr) since_ = now;
    KJ_IF_MAYBE (since, since_) {
      auto elapsedMs = static_cast<double>((now - *since) / kj::MILLISECONDS);
      if (elapsedMs > 0) {
        left_ = std::min(static_cast<double>(burst_), left_ + elapsedMs * static_cast<double>(perMinute_) / 60'000);
        since_ = now;
      }
    }
    if (left_ < 1) return false;
    left_ -= 1;
    return true;
  }

 private:
  uint32_t burst_;
  uint64_t perMinute_;
  double left_;
  kj::Maybe<kj::TimePoint> since_;
};

}  // namespace qpq::quic
