#pragma once

#include <kj/timer.h>

#include <deque>
#include <map>
#include <optional>
#include <set>

#include "base/random.h"
#include "quic/alarm.h"
#include "quic/udp_socket.h"

namespace qpq::quic {

// What a simulated network does to datagrams. Chances are per datagram, in thousandths.
struct Weather {
  uint32_t lossPerMille = 0;
  uint32_t duplicatePerMille = 0;
  uint32_t reorderPerMille = 0;  // held back by up to `reorderDelay` more
  kj::Duration delay = 10 * kj::MILLISECONDS;
  kj::Duration reorderDelay = 30 * kj::MILLISECONDS;
  std::size_t payloadMax = 1452;                   // larger ones vanish, as on a path that drops what it cannot carry
  uint64_t bytesPerSecond = 0;                     // each way between two addresses; 0 is as much as is sent
  kj::Duration queueMax = 500 * kj::MILLISECONDS;  // what would wait longer than that for the line is dropped
};

// UDP between simulated hosts: a seeded function of what is sent. Sockets must not outlive it.
class VirtualNetwork {
 public:
  class Socket;
  struct Traffic {
    uint64_t datagrams = 0;
    uint64_t bytes = 0;
  };

  VirtualNetwork(kj::Timer& timer, Random& random);
  ~VirtualNetwork() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(VirtualNetwork);

  // Port 0 takes a free one.
  kj::Own<Socket> bind(SocketAddress address);

  void setWeather(const Weather& weather) { weather_ = weather; }
  // What the outside address `from` has sent to `to`, whether or not it arrived.
  Traffic sent(const SocketAddress& from, const SocketAddress& to) const;
  Traffic sentBy(const SocketAddress& from) const;

  // Puts a datagram on the wire that no socket sent: what an attacker with a raw socket can do.
  void inject(const SocketAddress& from, const SocketAddress& to, ByteView payload);
  // Every datagram from now on is also shown to `tap`: what somebody on the path sees.
  using Tap = kj::Function<void(const SocketAddress& from, const SocketAddress& to, ByteView payload)>;
  void setTap(Tap tap) { tap_ = kj::mv(tap); }

 private:
  struct Flight {
    SocketAddress from, to;
    uint8_t ecn;
    Bytes payload;
  };

  void carry(const SocketAddress& from, const SocketAddress& to, uint8_t ecn, ByteView payload);
  void schedule(Flight flight);
  // When a datagram that is sent now has left, or nothing if the line's queue is full.
  kj::Maybe<kj::TimePoint> departure(const Flight& flight);
  bool chance(uint32_t perMille);
  void deliverDue();

  kj::Timer& timer_;
  Random& random_;
  Weather weather_;
  std::multimap<kj::TimePoint, Flight> flying_;  // of equal moments the earlier sent arrives first
  std::map<SocketAddress, Socket*> sockets_;     // by the address the outside sees
  std::map<std::pair<SocketAddress, SocketAddress>, Traffic> traffic_;
  std::map<std::pair<SocketAddress, SocketAddress>, kj::TimePoint> lineFree_;  // where bytesPerSecond says how many
  kj::Maybe<Tap> tap_;
  Alarm alarm_;
  uint16_t nextPort_ = 40'000;

  friend class Socket;
};

class VirtualNetwork::Socket final: public UdpSocket {
 public:
  Socket(VirtualNetwork& network, SocketAddress address);
  ~Socket() noexcept(false) override;

  SocketAddress localAddress() const override { return inside_; }
  Received receive(kj::FunctionParam<void(const IncomingDatagram&)> sink) override;
  kj::Promise<void> whenReadable() override;
  std::size_t send(std::span<const OutgoingDatagrams> batch) override;
  kj::Promise<void> whenWritable() override;

  // The NAT in front of this socket forgets its mapping: from now on the outside sees another port, and what was sent
  // to the old one is lost.
  void rebind();
  SocketAddress outsideAddress() const { return outside_; }
  // A dead path: nothing in, or nothing out.
  void setDeaf(bool deaf) { deaf_ = deaf; }
  void setMute(bool mute) { mute_ = mute; }
  // A full send queue: send() takes nothing until released.
  void setCongested(bool congested);

 private:
  void arrived(VirtualNetwork::Flight flight);

  VirtualNetwork& network_;
  SocketAddress inside_;
  SocketAddress outside_;
  std::deque<VirtualNetwork::Flight> inbox_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> readable_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> writable_;
  bool deaf_ = false;
  bool mute_ = false;
  bool congested_ = false;

  friend class VirtualNetwork;
};

}  // namespace qpq::quic
