#pragma once

#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "quic/address.h"
#include "quic/rate_limit.h"

namespace qpq::quic {

// A rate limit per address in a fixed amount of memory: addresses share buckets, by a keyed hash, so nobody can choose
// to share another's.
class AddressRates {
 public:
  AddressRates(Random& random, uint32_t burst, uint64_t perMinute);

  bool take(const SocketAddress& address, kj::TimePoint now);

 private:
  static constexpr std::size_t kBuckets = 4096;  // 160 KiB; one in so many addresses suffers with a given flooder

  Secret<32> key_;
  std::vector<RateLimit> buckets_;
};

}  // namespace qpq::quic
