#pragma once

#include <kj/function.h>
#include <kj/timer.h>

#include "base/random.h"
#include "base/secret.h"
#include "quic/connection_id.h"
#include "quic/limits.h"
#include "quic/routing.h"

namespace qpq::quic {

// Shared by all loops of a program, so that each honours what another has promised. Kept over a restart, they let a
// server tell old clients at once that it no longer knows them.
struct EndpointSecrets {
  Secret<32> retryToken;
  Secret<32> statelessReset;

  static EndpointSecrets random(Random& random) { return {random.secret<32>(), random.secret<32>()}; }
  EndpointSecrets clone() const { return {retryToken.clone(), statelessReset.clone()}; }
};

class Association;

// What the connections of one endpoint share.
struct Surroundings {
  kj::Timer& timer;
  Random& random;
  EndpointSecrets secrets;
  LoopPlace place;
  Limits limits;
  RoutingTable routes{};
  kj::Function<void(Association&)> wantsFlush;  // it has packets to write, or has ended

  // As ngtcp2 counts time.
  uint64_t nowNs() const { return toNs(timer.now()); }
  static uint64_t toNs(kj::TimePoint time) {
    return static_cast<uint64_t>((time - kj::origin<kj::TimePoint>()) / kj::NANOSECONDS);
  }
  static kj::TimePoint fromNs(uint64_t ns) {
    return kj::origin<kj::TimePoint>() + static_cast<int64_t>(ns) * kj::NANOSECONDS;
  }
};

}  // namespace qpq::quic
