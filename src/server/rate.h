#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

#include "base/bytes.h"
#include "base/time.h"
#include "server/limits.h"
#include "server/observe/budget.h"

namespace qpq::server {

// Token buckets, one per key: `burst` at once, then one per `refillMs`. Kept in memory, so a restart forgives; bounded,
// and the key that has been quiet longest is forgotten first.
class RateTable {
 public:
  explicit RateTable(Rate rate, std::size_t keysMax = kRateKeysMax): RateTable(rate.burst, rate.refillMs, keysMax) {}
  // The same for quantities: `capacity` units, all of them back after `capacity` · `refillMs`/`perRefill`.
  RateTable(uint64_t capacity, uint64_t refillMs, std::size_t keysMax, uint64_t perRefill = 1);

  // Takes `amount` and answers 0, or takes nothing and answers in how many milliseconds it may be tried again (at least
  // 1). An amount above the capacity never fits: it is answered as the time to a full bucket.
  uint64_t take(ByteView key, Instant now, uint64_t amount = 1);
  // Takes as much of `amount` as there is, whatever that leaves.
  void drain(ByteView key, Instant now, uint64_t amount);
  // Keys remembered, and how many at most. May be asked on another thread than the rest.
  Budget budget(std::string_view name) const { return {name, keys_.load(std::memory_order_relaxed), keysMax_}; }
  // What has been taken and not yet come back.
  uint64_t used(ByteView key, Instant now) const;

 private:
  struct Bucket {
    std::string key;
    uint64_t used;  // at `since`
    uint64_t sinceMs;
  };
  using Place = std::list<Bucket>::iterator;
  Bucket& bucket(ByteView key, Instant now);
  uint64_t usedAt(const Bucket& bucket, Instant now) const;

  uint64_t capacity_;
  uint64_t refillMs_;
  uint64_t perRefill_;
  std::size_t keysMax_;
  std::list<Bucket> buckets_;  // the most recently touched first
  std::unordered_map<std::string, Place> places_;
  std::atomic<std::size_t> keys_ = 0;
};

}  // namespace qpq::server
