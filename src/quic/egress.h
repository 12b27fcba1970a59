#pragma once

#include <memory>
#include <span>
#include <vector>

#include "quic/udp_socket.h"

namespace qpq::quic {

// Collects what the connections of one loop turn want to send, so that it leaves in few system calls.
class Egress {
 public:
  Egress();

  // Memory for the next datagrams, at least kAggregateMax bytes, or nothing while the socket accepts no more.
  ByteSpan room();
  // `entry.payload` lies at the front of the last room().
  void commit(const OutgoingDatagrams& entry);
  // A single datagram from elsewhere. Dropped if there is no room: it is an answer, and the peer will ask again.
  void copy(const SocketAddress& local, const SocketAddress& remote, ByteView datagram);

  // Hands all to the socket. False if the socket is full: the rest stays, until push() after whenWritable().
  bool push(UdpSocket& socket);
  bool blocked() const { return blocked_; }

  static constexpr std::size_t kAggregateMax = 65'000;  // below the largest UDP datagram a GSO entry may be

 private:
  static constexpr std::size_t kArena = 8 * 65'536;

  std::unique_ptr<uint8_t[]> arena_;
  std::size_t used_ = 0;
  std::vector<OutgoingDatagrams> entries_;  // payloads point into the arena
  std::size_t pushed_ = 0;
  bool blocked_ = false;
};

}  // namespace qpq::quic
