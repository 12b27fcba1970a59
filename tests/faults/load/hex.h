#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/codec.h"
#include "bench/must.h"

namespace qpq::faults {

// What write() put into a file of ours, or the run is over.
template <class T>
T fromHexTo(std::string_view hex) {
  return bench::must(decode<T>(bench::must(fromHex(hex))));
}

}  // namespace qpq::faults
