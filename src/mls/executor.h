#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "mls/error.h"

namespace qpq::mls {

// How work is spread whose parts do not depend on each other: signatures to verify, secrets to seal. This library has
// no threads of its own; an application that has some to spare passes one of these in the options of what is large
// (join, commit, receive). What comes out is the same with and without, to the last byte.
class Executor {
 public:
  virtual ~Executor() = default;
  // Calls part(0) to part(count - 1), each once, in any order and from any threads, and returns when all have returned.
  // A part touches nothing another one writes.
  virtual void run(std::size_t count, const std::function<void(std::size_t)>& part) = 0;
};

// Without an executor in order, on the calling thread.
template <class Part>
void forEachPart(Executor* executor, std::size_t count, const Part& part) {
  if (executor != nullptr && count > 1) return executor->run(count, part);
  for (std::size_t i = 0; i < count; ++i) part(i);
}

// The first failure, in the order of the parts; without an executor the parts after it are not tried.
template <class Check>
Result<void> checkEachPart(Executor* executor, std::size_t count, const Check& check) {
  if (executor == nullptr) {
    for (std::size_t i = 0; i < count; ++i) {
      if (Result<void> result = check(i); !result) return result;
    }
    return {};
  }
  std::vector<Result<void>> results(count);
  executor->run(count, [&](std::size_t i) { results[i] = check(i); });
  for (Result<void>& result : results) {
    if (!result) return result;
  }
  return {};
}

}  // namespace qpq::mls
