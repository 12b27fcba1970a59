#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <cstdint>

namespace qpq::quic {

// A round of the loop: what is done between two looks at time and sockets. KJ goes on with whatever has become possible
// before it looks again, and Cap'n Proto writes answers only when nothing else is possible: a few hundred connections
// with a hundred messages each in their buffers would be served all of them, for seconds, while nobody else is heard or
// answered. So a round takes one message of each connection, and of those that have more as many as there is room for.
class LoopRound {
 public:
  explicit LoopRound(kj::Timer& timer): timer_(timer) {}
  KJ_DISALLOW_COPY_AND_MOVE(LoopRound);

  // Whether another message of a connection may be taken in this round. `last` is the connection's own: the round of
  // its last one.
  bool take(uint64_t& last);
  // Until one may be. `last` must outlive the promise.
  kj::Promise<void> next(uint64_t& last);

 private:
  void begin();

  kj::Timer& timer_;
  kj::TimePoint begun_ = kj::origin<kj::TimePoint>();
  uint64_t number_ = 1;
  unsigned taken_ = 0;
  bool isNextAwaited_ = false;
  kj::Maybe<kj::ForkedPromise<void>> next_;
};

}  // namespace qpq::quic
