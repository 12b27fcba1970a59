#include "samples.h"

#include <algorithm>
#include <chrono>
#include <cmath>

namespace qpq::bench {

double wallUs() {
  return std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

double quantile(std::vector<double> values, double share) {
  auto rank = static_cast<std::ptrdiff_t>(std::ceil(share * static_cast<double>(values.size())));
  auto at = values.begin() + std::max<std::ptrdiff_t>(rank, 1) - 1;
  std::ranges::nth_element(values, at);
  return *at;
}

}  // namespace qpq::bench
