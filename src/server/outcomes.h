#pragma once

#include <kj/async.h>

#include <cstdint>
#include <expected>
#include <string>

namespace qpq::server {

// Answers several services share. Each service's own stand beside it.

struct Accepted {
  bool operator==(const Accepted&) const = default;
};
struct Malformed {
  std::string what;  // the name of the rule that is broken; never a value that was sent
  bool operator==(const Malformed&) const = default;
};
struct TooOften {
  uint64_t afterMs;  // try again after so long
  bool operator==(const TooOften&) const = default;
};
struct TooLarge {
  uint64_t limit;
  bool operator==(const TooLarge&) const = default;
};
struct QuotaFull {
  uint64_t limit;
  uint64_t used;
  bool operator==(const QuotaFull&) const = default;
};

// The store failed or is overloaded. Nothing was acknowledged; whether the change is there shows the repetition, which
// every operation allows.
struct Unavailable {
  bool operator==(const Unavailable&) const = default;
};

// What std::visit is given: one function for each case.
template <class... F>
struct Overloaded: F... {
  using F::operator()...;
};

template <class T>
using Answer = kj::Promise<std::expected<T, Unavailable>>;

}  // namespace qpq::server
