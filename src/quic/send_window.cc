#include "quic/send_window.h"

#include <algorithm>

namespace qpq::quic {

std::size_t SendWindow::room(std::size_t retained) const {
  std::size_t own = min_ - std::min(min_, retained);
  std::size_t shared = size_ - std::min(size_, held_);
  return std::max(own, shared);
}

bool SendWindow::isWorthWaking(std::size_t retained) const {
  std::size_t free = room(retained);
  return free >= std::max(min_ / 2, size_ / 8) || free >= retained;
}

void SendWindow::acknowledged(std::size_t size, RoundTrip roundTrip, bool isFull) {
  wasFull_ |= isFull;
  if (sentBefore_ > 0) {
    sentBefore_ -= std::min(sentBefore_, size);
    return;
  }
  measured_ += size;
  shortestNs_ = std::min(shortestNs_, std::max<uint64_t>(1, roundTrip.newestNs));
  if (measured_ < size_ / 2) return;
  std::size_t next = fitting(roundTrip.shortestNs);
  // A window nobody filled says nothing of a larger one.
  if (next < size_ || wasFull_) size_ = next;
  sentBefore_ = held_;
  measured_ = 0;
  shortestNs_ = UINT64_MAX;
  wasFull_ = false;
}

std::size_t SendWindow::fitting(uint64_t emptyNs) const {
  // Where bytes queue, a round trip is as long as the line takes for a window. Where none do, nothing is known of the
  // line but that it is faster.
  bool isEmpty = shortestNs_ < emptyNs + kQueueNs / 4;
  double factor = isEmpty ? 2 : static_cast<double>(emptyNs + kQueueNs) / static_cast<double>(shortestNs_);
  return std::clamp(static_cast<std::size_t>(static_cast<double>(size_) * std::min(factor, 2.0)), min_, max_);
}

}  // namespace qpq::quic
