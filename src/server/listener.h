#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <memory>
#include <vector>

#include "quic/certificate.h"
#include "quic/endpoint.h"
#include "quic/rpc.h"
#include "server/services.h"

namespace qpq::server {

// The services' face to the network: one QUIC endpoint, a Node for each connection.
class Listener {
 public:
  // Which of the program's loops this is, if there are several.
  struct Among {
    quic::LoopPlace place{};
    kj::Maybe<quic::Endpoint::HandOver> handOver{};
    kj::Maybe<kj::Function<quic::Admission::Room()>> makeRoom{};
  };
  // `services`, `timer` and `random` outlive it. `identity` is the one whose key hash the services were told.
  Listener(Services& services, kj::Timer& timer, Random& random, kj::Own<quic::UdpSocket> socket,
           const quic::TlsIdentity& identity, Among among);
  Listener(Services& services, kj::Timer& timer, Random& random, kj::Own<quic::UdpSocket> socket,
           const quic::TlsIdentity& identity)
      : Listener(services, timer, random, kj::mv(socket), identity, Among{}) {}
  KJ_DISALLOW_COPY_AND_MOVE(Listener);

  quic::SocketAddress address() const { return endpoint_.localAddress(); }
  quic::Endpoint::Counters counters() const { return endpoint_.counters(); }
  void takeOver(const quic::IncomingDatagram& datagram) { endpoint_.takeOver(datagram); }
  // Clients that come from now on meet this certificate, and a ServerInfo that vouches for its key. Whoever is
  // connected stays with the one it met.
  void renew(const quic::TlsIdentity& identity);
  const wire::Hash& tlsKey() const { return faces_.back()->info->tbs.tlsKey; }
  // As RpcServer::shed.
  kj::Promise<void> shed(std::size_t bytes);
  // Lets nobody in any more, lets the services finish, closes every connection.
  kj::Promise<void> shutDown();

 private:
  // What clients of one certificate meet.
  struct Face {
    std::shared_ptr<const wire::ServerInfo> info;
    quic::RpcServer rpc;
  };
  std::shared_ptr<Face> makeFace(const quic::TlsIdentity& identity);

  Services& services_;
  kj::Timer& timer_;
  bool closing_ = false;
  std::vector<std::shared_ptr<Face>> faces_;  // the newest last; older ones while somebody is connected by them
  quic::Endpoint endpoint_;
};

}  // namespace qpq::server
