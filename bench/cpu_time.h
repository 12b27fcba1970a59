#pragma once

#include <cstdint>
#include <functional>

namespace qpq::bench {

struct CpuTime {
  uint64_t operations;  // in all rounds together
  double medianUs;      // CPU time of this thread for one operation, median of the rounds
};

// CPU time and not wall time: other processes share the machine. One untimed operation, then rounds of at least
// `roundMs` each.
CpuTime cpuTime(const std::function<void()>& operation, int rounds = 15, double roundMs = 10);

// User and system time of this process so far, all threads together.
double processCpuUs();

// Keeps the compiler from leaving out work whose result nobody uses.
template <class T>
void keep(const T& value) {
  __asm__ volatile("" : : "g"(&value) : "memory");
}

}  // namespace qpq::bench
