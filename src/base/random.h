#pragma once

#include <array>
#include <cstddef>

#include "base/bytes.h"
#include "base/secret.h"

namespace qpq {

// Where unpredictable bytes come from. Passed in everywhere, so that a simulation is a function of its seed; programs
// pass crypto::SystemRandom.
class Random {
 public:
  virtual ~Random() = default;
  virtual void fill(ByteSpan out) = 0;

  template <std::size_t N>
  ByteArray<N> bytes() {
    ByteArray<N> out;
    fill(out);
    return out;
  }
  template <std::size_t N>
  Secret<N> secret() {
    Secret<N> out;
    fill(out.writable());
    return out;
  }
};

}  // namespace qpq
