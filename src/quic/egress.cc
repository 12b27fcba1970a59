#include "quic/egress.h"

#include <algorithm>

namespace qpq::quic {

Egress::Egress(): arena_(new uint8_t[kArena]) {}  // not cleared: pages nobody writes to cost nothing

ByteSpan Egress::room() {
  if (blocked_ || used_ + kAggregateMax > kArena) return {};
  return {arena_.get() + used_, kAggregateMax};
}

void Egress::commit(const OutgoingDatagrams& entry) {
  used_ += entry.payload.size();
  entries_.push_back(entry);
}

void Egress::copy(const SocketAddress& local, const SocketAddress& remote, ByteView datagram) {
  ByteSpan space = room();
  if (space.size() < datagram.size()) return;
  std::ranges::copy(datagram, space.begin());
  commit({.local = local, .remote = remote, .payload = space.first(datagram.size()), .segmentSize = datagram.size()});
}

bool Egress::push(UdpSocket& socket) {
  pushed_ += socket.send(std::span(entries_).subspan(pushed_));
  blocked_ = pushed_ < entries_.size();
  if (blocked_) return false;
  entries_.clear();
  pushed_ = 0;
  used_ = 0;
  return true;
}

}  // namespace qpq::quic
