#pragma once

#include <cstdint>

#include "base/random.h"

namespace qpq::test {

// Repeatable bytes from a seed: SplitMix64. Predictable on purpose, so it exists for tests only.
class SeededRandom final: public Random {
 public:
  explicit SeededRandom(uint64_t seed): state_(seed) {}
  void fill(ByteSpan out) override;
  uint64_t next();
  uint64_t below(uint64_t bound) { return next() % bound; }  // bound > 0

 private:
  uint64_t state_;
};

}  // namespace qpq::test
