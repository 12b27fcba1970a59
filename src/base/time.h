#pragma once

#include <compare>
#include <cstdint>

namespace qpq {

// A moment as milliseconds since 1970 UTC. Rooms below the KJ line are told the time; only programs and the simulator
// own a Clock.
struct Instant {
  uint64_t unixMs = 0;

  auto operator<=>(const Instant&) const = default;
  Instant operator+(uint64_t ms) const { return {unixMs + ms}; }
  Instant operator-(uint64_t ms) const { return {unixMs > ms ? unixMs - ms : 0}; }  // never before 1970
};

inline constexpr uint64_t kSecondMs = 1'000;
inline constexpr uint64_t kMinuteMs = 60 * kSecondMs;
inline constexpr uint64_t kHourMs = 60 * kMinuteMs;
inline constexpr uint64_t kDayMs = 24 * kHourMs;

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Instant now() const = 0;
};

}  // namespace qpq
