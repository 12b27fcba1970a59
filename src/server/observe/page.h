#pragma once

#include <string>
#include <string_view>

#include "server/listener.h"
#include "server/observe/metrics.h"

namespace qpq::server {

// Everything the page /metrics is made of. Outlived by what it refers to.
struct Observed {
  const Metrics& metrics;
  const Services& services;
  const Listener& listener;
  std::string_view version;
  uint64_t startedMs;
};
std::string metricsPage(const Observed& observed);

}  // namespace qpq::server
