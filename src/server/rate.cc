#include "server/rate.h"

#include <algorithm>

namespace qpq::server {

RateTable::RateTable(uint64_t capacity, uint64_t refillMs, std::size_t keysMax, uint64_t perRefill)
    : capacity_(capacity), refillMs_(refillMs), perRefill_(perRefill), keysMax_(keysMax) {}

uint64_t RateTable::usedAt(const Bucket& bucket, Instant now) const {
  // A clock set back gives nothing back and takes nothing away.
  uint64_t passedMs = now.unixMs > bucket.sinceMs ? now.unixMs - bucket.sinceMs : 0;
  uint64_t back = passedMs / refillMs_ * perRefill_;
  return bucket.used > back ? bucket.used - back : 0;
}

RateTable::Bucket& RateTable::bucket(ByteView key, Instant now) {
  std::string name(asText(key));
  if (auto found = places_.find(name); found != places_.end()) {
    buckets_.splice(buckets_.begin(), buckets_, found->second);
    Bucket& bucket = *found->second;
    uint64_t used = usedAt(bucket, now);
    // Whole refills are booked and the started one keeps running, so that asking often never slows it down. Behind a
    // clock that was ahead it begins anew, or nothing would come back until the clock is there again.
    if (used == 0 || now.unixMs < bucket.sinceMs) {
      bucket.sinceMs = now.unixMs;
    } else {
      bucket.sinceMs += (now.unixMs - bucket.sinceMs) / refillMs_ * refillMs_;
    }
    bucket.used = used;
    return bucket;
  }
  if (places_.size() >= keysMax_) {
    places_.erase(buckets_.back().key);
    buckets_.pop_back();
  }
  buckets_.push_front({name, 0, now.unixMs});
  places_.emplace(std::move(name), buckets_.begin());
  keys_.store(places_.size(), std::memory_order_relaxed);
  return buckets_.front();
}

uint64_t RateTable::take(ByteView key, Instant now, uint64_t amount) {
  Bucket& own = bucket(key, now);
  if (amount <= capacity_ - own.used) {
    own.used += amount;
    return 0;
  }
  uint64_t missing = amount > capacity_ ? own.used : amount - (capacity_ - own.used);
  uint64_t refills = (missing + perRefill_ - 1) / perRefill_;
  uint64_t passedMs = now.unixMs > own.sinceMs ? now.unixMs - own.sinceMs : 0;
  uint64_t waitMs = refills * refillMs_;
  return std::max<uint64_t>(1, waitMs > passedMs ? waitMs - passedMs : 0);
}

void RateTable::drain(ByteView key, Instant now, uint64_t amount) {
  Bucket& own = bucket(key, now);
  own.used += std::min(amount, capacity_ - own.used);
}

uint64_t RateTable::used(ByteView key, Instant now) const {
  auto found = places_.find(std::string(asText(key)));
  return found == places_.end() ? 0 : usedAt(*found->second, now);
}

}  // namespace qpq::server
