#pragma once

#include <cstdlib>
#include <optional>

#include "base/codec.h"

namespace qpq::fuzz {

inline void require(bool holds) {
  if (!holds) std::abort();
}

// Whatever decodes encodes to the bytes it came from: no structure has a second form.
template <class T>
std::optional<T> readBack(ByteView input) {
  auto value = decode<T>(input);
  if (!value) {
    require(value.error().offset <= input.size());
    return std::nullopt;
  }
  require(equal(encode(*value), input));
  return *std::move(value);
}

}  // namespace qpq::fuzz
