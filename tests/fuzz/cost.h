#pragma once

#include <algorithm>
#include <ctime>

#include "read_back.h"

// What one input may cost. Only a build without sanitizers is held to the limit as it stands: `./dev fuzz NAME replay`.
namespace qpq::fuzz {

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
inline constexpr double kDearer = 30;
#endif
#endif
#if !defined(__has_feature) || !__has_feature(address_sanitizer)
inline constexpr double kDearer = 1;
#endif

inline double dearestMs = 0;

inline double cpuMs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// Does the work, and ends the program if it took more CPU time than that.
template <class Work>
auto bounded(double limitMs, Work work) {
  struct Watch {
    double limitMs;
    double begun = cpuMs();
    ~Watch() {
      double took = cpuMs() - begun;
      dearestMs = std::max(dearestMs, took);
      require(took <= limitMs * kDearer);
    }
  } watch{.limitMs = limitMs};
  return work();
}

}  // namespace qpq::fuzz
