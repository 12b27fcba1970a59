#pragma once

#include <kj/time.h>

#include <cstdint>
#include <span>
#include <vector>

namespace qpq::server {

// Where the time of one thing goes: half a millisecond is a fast disk, ten seconds is somebody waiting in vain.
inline constexpr double kSecondsBounds[] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                            0.1,    0.25,  0.5,    1,     2.5,  10};

// How often a value fell at or below each bound (which ascend and outlive it), and the sum of all.
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds): bounds_(bounds), counts_(bounds.size() + 1) {}

  void add(double value);
  void add(kj::Duration took) { add(static_cast<double>(took / kj::NANOSECONDS) / 1e9); }

  std::span<const double> bounds() const { return bounds_; }
  // Of values at or below bounds()[i]; the last is of all.
  std::vector<uint64_t> cumulative() const;
  double sum() const { return sum_; }

 private:
  std::span<const double> bounds_;
  std::vector<uint64_t> counts_;
  double sum_ = 0;
};

}  // namespace qpq::server
