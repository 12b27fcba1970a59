#pragma once

#include <cstddef>
#include <cstdint>

namespace qpq::quic {

// RFC 9002 §5.1: the newest sample and the shortest there was.
struct RoundTrip {
  uint64_t newestNs;
  uint64_t shortestNs;
};

// How many bytes its streams may have written and not yet acknowledged. It grows while a round trip stays about as long
// as it was on a path without queues, and shrinks when it becomes longer: then what we write stands in a queue of the
// network, where an interactive message would have to stand behind it.
class SendWindow {
 public:
  // Each stream may always have `min` bytes; what they may have together grows up to `max`.
  SendWindow(std::size_t min, std::size_t max): min_(min), max_(max), size_(min) {}

  std::size_t size() const { return size_; }
  // What a stream that holds `retained` may take besides.
  std::size_t room(std::size_t retained) const;
  // Whether a writer is to go on, whose stream holds so much. Not at the first free byte: packets are cheaper many at a
  // time. But as many as leave together stand in the network's queues together.
  bool isWorthWaking(std::size_t retained) const;
  void took(std::size_t size) { held_ += size; }
  std::size_t held() const { return held_; }
  void gaveBack(std::size_t size) { held_ -= size; }
  // Of what was given back so much reached the peer. `isFull`: a writer waits for more room.
  void acknowledged(std::size_t size, RoundTrip roundTrip, bool isFull);

  // How long our own bytes may stand in the network's queues: a sixth of what a person notices.
  static constexpr uint64_t kQueueNs = 5 * 1'000'000;

 private:
  std::size_t fitting(uint64_t emptyNs) const;

  const std::size_t min_;
  const std::size_t max_;
  std::size_t size_;
  std::size_t held_ = 0;

  // Since the last change. What had been sent before it says nothing of it: changed again by that, it would swing
  // between too much and too little for ever.
  std::size_t sentBefore_ = 0;  // and is not acknowledged yet
  std::size_t measured_ = 0;
  uint64_t shortestNs_ = UINT64_MAX;  // the least delayed sample: one late packet is no queue
  bool wasFull_ = false;
};

}  // namespace qpq::quic
