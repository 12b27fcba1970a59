#pragma once

#include "base/random.h"

namespace qpq::crypto {

// The operating system's generator. Programs make one and hand it down.
class SystemRandom final: public Random {
 public:
  void fill(ByteSpan out) override;
};

}  // namespace qpq::crypto
