#pragma once

#include <cstddef>

#include "quic/endpoint.h"

namespace qpq::server {

// What one loop, or several together, hold at a moment.
struct LoopFigures {
  std::size_t loops = 0;
  std::size_t sessions = 0;
  std::size_t followers = 0;
  std::size_t acknowledgements = 0;  // waiting to be written
  quic::Endpoint::Counters quic;

  LoopFigures& operator+=(const LoopFigures& other);
};

}  // namespace qpq::server
