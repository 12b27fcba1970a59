#pragma once

#include <algorithm>
#include <array>

#include "quic/address.h"
#include "quic/rate_limit.h"

namespace qpq::quic {

// The addresses a peer has lately been heard from. A new one costs us a path validation and is followed only so often;
// going back and forth between known ones is free, for reordered packets do that.
class KnownAddresses {
 public:
  KnownAddresses(const SocketAddress& first, RateLimit changes): changes_(changes) { recent_.fill(first); }

  // False: do not listen to this address for the moment.
  bool follow(const SocketAddress& address, kj::TimePoint now) {
    if (std::ranges::contains(recent_, address)) return true;
    if (!changes_.take(now)) return false;
    recent_[next_++ % recent_.size()] = address;
    return true;
  }

 private:
  std::array<SocketAddress, 4> recent_;
  std::size_t next_ = 0;
  RateLimit changes_;
};

}  // namespace qpq::quic
