#pragma once

#include <chrono>

#include "base/time.h"

namespace qpq::loop {

// The wall clock. Programs make one and hand it down; nothing else asks the system for the time of day.
class SystemClock final: public Clock {
 public:
  Instant now() const override {
    using namespace std::chrono;
    return {static_cast<uint64_t>(duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count())};
  }
};

}  // namespace qpq::loop
