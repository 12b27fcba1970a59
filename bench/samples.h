#pragma once

#include <vector>

namespace qpq::bench {

double wallUs();  // a clock that only goes forward

// The value that `share` of them do not exceed (nearest rank): 0.5 is the median. There is at least one.
double quantile(std::vector<double> values, double share);
inline double median(const std::vector<double>& values) { return quantile(values, 0.5); }

}  // namespace qpq::bench
