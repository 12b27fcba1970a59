#pragma once

#include <string>
#include <string_view>

#include "server/entry_rates.h"
#include "server/memory_ceiling.h"
#include "server/observe/loop_figures.h"
#include "server/observe/metrics.h"
#include "server/write_queue.h"

namespace qpq::server {

// Everything the page /metrics is made of. Outlived by what it refers to.
struct Observed {
  const Metrics& metrics;
  WriteQueue& writes;
  const EntryRates& rates;
  const MemoryCeiling& memory;
  const LoopFigures& figures;  // of all loops
  std::string_view version;
  uint64_t startedMs;
};
std::string metricsPage(const Observed& observed);

}  // namespace qpq::server
