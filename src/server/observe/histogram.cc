#include "server/observe/histogram.h"

#include <algorithm>
#include <numeric>

namespace qpq::server {

void Histogram::add(double value) {
  auto bound = std::ranges::lower_bound(bounds_, value);
  ++counts_[static_cast<std::size_t>(bound - bounds_.begin())];
  sum_ += value;
}

std::vector<uint64_t> Histogram::cumulative() const {
  std::vector<uint64_t> sums(counts_.size());
  std::partial_sum(counts_.begin(), counts_.end(), sums.begin());
  return sums;
}

}  // namespace qpq::server
