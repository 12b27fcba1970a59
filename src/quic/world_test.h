#pragma once

#include <kj/async.h>
#include <kj/debug.h>

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <string>
#include <vector>

#include "quic/endpoint.h"
#include "quic/self_signed.h"
#include "quic/virtual_network.h"
#include "quic/virtual_time.h"
#include "support/seeded_random.h"

namespace qpq::quic::test {

using qpq::test::SeededRandom;

inline constexpr Instant kNow{1'790'000'000'000};

// A key and certificate that all tests of one process share: making one costs more than most tests.
const SelfSigned& serverFiles();
const TlsIdentity& serverIdentity();
// Accepts exactly that server.
PeerVerifier knowsServer();

// A network with moved time in which everything is a function of the seed (but for the keys of TLS).
struct World {
  explicit World(uint64_t seed = 1): random(seed) {}

  SeededRandom random;
  VirtualTime time;
  kj::EventLoop loop{time};
  kj::WaitScope scope{loop};
  VirtualNetwork network{time.timer(), random};

  void pass(kj::Duration duration) { time.timer().afterDelay(duration).wait(scope); }
  template <class T>
  T wait(kj::Promise<T> promise, kj::Duration limit = 10 * kj::MINUTES) {
    return time.timer().timeoutAfter(limit, kj::mv(promise)).wait(scope);
  }
};

// An endpoint on a simulated host. A server keeps the connections it was given.
struct Host {
  Host(World& world, Endpoint::Options options = {})
      : Host(world, SocketAddress::ipv4({10, 0, 0, ++hosts}, 7000), std::move(options)) {}
  Host(World& world, SocketAddress address, Endpoint::Options options = {})
      : random(world.random.next()),
        link(bind(world, address)),
        endpoint(world.time.timer(), random, kj::mv(owned), std::move(options)) {}

  void listen(const TlsIdentity& identity = serverIdentity()) {
    endpoint.listen(identity, [this](kj::Own<Connection> connection) { accepted.push_back(kj::mv(connection)); });
  }
  SocketAddress address() const { return endpoint.localAddress(); }
  kj::Promise<Endpoint::Connected> connect(const Host& server, PeerVerifier verifier = knowsServer()) {
    return endpoint.connect({.remote = server.address(), .serverName = "localhost", .verifier = std::move(verifier)});
  }

  static inline uint8_t hosts = 0;
  SeededRandom random;
  kj::Own<UdpSocket> owned;
  VirtualNetwork::Socket& link;
  Endpoint endpoint;
  std::vector<kj::Own<Connection>> accepted;

 private:
  VirtualNetwork::Socket& bind(World& world, SocketAddress address) {
    auto socket = world.network.bind(address);
    auto& borrowed = *socket;
    owned = kj::mv(socket);
    return borrowed;
  }
};

// A server and a client that are connected.
struct Pair {
  explicit Pair(World& world, Limits limits = {}): Pair(world, limits, limits) {}
  Pair(World& world, Limits serverLimits, Limits clientLimits)
      : server(world, {.limits = serverLimits}), client(world, {.limits = clientLimits}) {
    server.listen();
    auto connected = world.wait(client.connect(server));
    REQUIRE(connected.has_value());
    near = kj::mv(*connected);
    world.pass(1 * kj::SECONDS);
    REQUIRE(server.accepted.size() == 1);
    far = server.accepted[0].get();
  }

  Host server;
  Host client;
  kj::Own<Connection> near;  // the client's
  Connection* far;           // the server's
};

std::string readAll(World& world, kj::AsyncInputStream& stream);
void writeText(World& world, kj::AsyncOutputStream& stream, const std::string& text);
// The description of what `promise` throws; "" if it throws nothing.
std::string thrownBy(World& world, kj::Promise<void> promise);

}  // namespace qpq::quic::test
