#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <cstddef>
#include <span>

#include "base/bytes.h"
#include "quic/address.h"

namespace qpq::quic {

// One datagram that arrived. The bytes are borrowed until the sink returns.
struct IncomingDatagram {
  SocketAddress local;  // where it arrived: on a wildcard socket, the address the peer sent to
  SocketAddress remote;
  uint8_t ecn = 0;  // RFC 3168: the two bits as they arrived
  ByteView payload;
};

// One that outlives its arrival: on its way to the loop it is for.
struct CarriedDatagram {
  SocketAddress local;
  SocketAddress remote;
  uint8_t ecn = 0;
  Bytes payload;

  static CarriedDatagram of(const IncomingDatagram& datagram) {
    return {datagram.local, datagram.remote, datagram.ecn, toBytes(datagram.payload)};
  }
  IncomingDatagram view() const { return {local, remote, ecn, payload}; }
};

// One or more datagrams of equal size to one address: `payload` cut every `segmentSize` bytes, the last may be shorter.
struct OutgoingDatagrams {
  SocketAddress local;  // the address to send from
  SocketAddress remote;
  uint8_t ecn = 0;
  ByteView payload;
  std::size_t segmentSize = 0;
};

// Where an endpoint's datagrams come from and go to: the kernel (kernel_socket.h) or a simulated network
// (virtual_network.h). Never blocks.
class UdpSocket {
 public:
  virtual ~UdpSocket() noexcept(false) = default;

  virtual SocketAddress localAddress() const = 0;

  // Hands one batch of what has arrived to `sink`.
  enum class Received { drained, more };
  virtual Received receive(kj::FunctionParam<void(const IncomingDatagram&)> sink) = 0;
  // Edge-triggered: promises a change only after a receive() that said `drained`.
  virtual kj::Promise<void> whenReadable() = 0;

  // Takes from the front of `batch` as much as the network accepts at once and says how many entries that were. A
  // datagram that cannot be delivered (too large for the path, no route) counts as taken: to QUIC it is a lost packet.
  virtual std::size_t send(std::span<const OutgoingDatagrams> batch) = 0;
  virtual kj::Promise<void> whenWritable() = 0;
};

}  // namespace qpq::quic
