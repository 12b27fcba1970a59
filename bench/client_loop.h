#pragma once

#include <kj/async-unix.h>

#include <cstdint>
#include <map>

#include "crypto/system_random.h"
#include "loop/system_clock.h"
#include "quic/endpoint.h"
#include "quic/kernel_timer.h"
#include "quic/rpc.h"
#include "schema/node.capnp.h"

namespace qpq::bench {

// The clients' side of a bench: one event loop, and connections from as many loopback addresses as the server's limits
// per address ask for.
class ClientLoop {
 public:
  ClientLoop();

  // A connection from the host with this number. Throws if the server lets nobody in.
  kj::Promise<kj::Own<quic::RpcClient>> connect(const quic::SocketAddress& server, uint16_t host);
  kj::Promise<kj::Own<quic::Connection>> connectBare(const quic::SocketAddress& server, uint16_t host);
  // Moves on to a host no connection has come from yet.
  uint16_t freshHost() { return ++hosts_; }

  template <class T>
  T wait(kj::Promise<T> promise) {
    return promise.wait(waitScope_);
  }

  kj::UnixEventPort port;

 private:
  kj::EventLoop loop_;
  kj::WaitScope waitScope_;
  uint16_t hosts_ = 0;

 public:
  quic::KernelTimer timer;
  crypto::SystemRandom random;
  loop::SystemClock clock;

 private:
  std::map<uint16_t, kj::Own<quic::Endpoint>> endpoints_;
};

template <class Start>
kj::Promise<void> runLane(uint64_t& next, uint64_t count, Start& start) {
  while (next < count) co_await start(next++);
}
// start(0) … start(count - 1), each a promise, `width` of them at a time.
template <class Start>
kj::Promise<void> forEach(uint64_t count, uint64_t width, Start start) {
  uint64_t next = 0;
  auto lanes = kj::heapArrayBuilder<kj::Promise<void>>(width);
  for (uint64_t i = 0; i < width; ++i) lanes.add(runLane(next, count, start));
  co_await kj::joinPromises(lanes.finish());
}

inline schema::Node::Client nodeOf(quic::RpcClient& connection) {
  return connection.bootstrap().castAs<schema::Node>();
}

}  // namespace qpq::bench
