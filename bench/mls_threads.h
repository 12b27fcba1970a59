#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <functional>
#include <thread>
#include <vector>

#include "mls/executor.h"

namespace qpq::bench {

// Shares work out to so many threads, which live as long as one piece of it.
class ThreadExecutor final: public mls::Executor {
 public:
  explicit ThreadExecutor(unsigned threads): threads_(threads) {}
  void run(std::size_t count, const std::function<void(std::size_t)>& part) override {
    std::atomic<std::size_t> next = 0;
    auto work = [&] {
      for (std::size_t i = next++; i < count; i = next++) part(i);
    };
    std::vector<std::jthread> others;
    for (std::size_t i = 1; i < std::min<std::size_t>(threads_, count); ++i) others.emplace_back(work);
    work();
  }

 private:
  unsigned threads_;
};

}  // namespace qpq::bench
