#include "cpu_time.h"

#include <time.h>

#include <algorithm>
#include <vector>

namespace qpq::bench {

namespace {

double nowUs(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<double>(now.tv_sec) * 1e6 + static_cast<double>(now.tv_nsec) / 1e3;
}

double elapsedUs(const std::function<void()>& operation, uint64_t times) {
  double start = nowUs(CLOCK_THREAD_CPUTIME_ID);
  for (uint64_t i = 0; i < times; ++i) operation();
  return nowUs(CLOCK_THREAD_CPUTIME_ID) - start;
}

}  // namespace

double processCpuUs() { return nowUs(CLOCK_PROCESS_CPUTIME_ID); }

CpuTime cpuTime(const std::function<void()>& operation, int rounds, double roundMs) {
  operation();
  uint64_t perRound = 1;
  while (elapsedUs(operation, perRound) < roundMs * 1e3) perRound *= 2;
  std::vector<double> eachUs;
  for (int round = 0; round < rounds; ++round) {
    eachUs.push_back(elapsedUs(operation, perRound) / static_cast<double>(perRound));
  }
  std::ranges::nth_element(eachUs, eachUs.begin() + rounds / 2);
  return {perRound * static_cast<uint64_t>(rounds), eachUs[static_cast<std::size_t>(rounds / 2)]};
}

}  // namespace qpq::bench
