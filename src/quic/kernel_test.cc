// The same endpoint over real sockets and real time, on loopback.
#include <kj/async-io.h>
#include <sys/socket.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "quic/kernel_socket.h"
#include "quic/kernel_timer.h"
#include "quic/shared_port.h"
#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

struct RealWorld {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  kj::WaitScope& scope = io.waitScope;
  KernelTimer timer{io.unixEventPort};
  SeededRandom random{1};

  RealWorld() { scope.setBusyPollInterval(1000); }
  kj::Own<KernelSocket> bind(const std::string& address, KernelSocket::Role role) {
    return kj::heap<KernelSocket>(io.unixEventPort, SocketAddress::parse(address).value(), role);
  }
  template <class T>
  T wait(kj::Promise<T> promise) {
    return timer.timeoutAfter(30 * kj::SECONDS, kj::mv(promise)).wait(scope);
  }
};

// An echo server bound to `where`, and a client from `from`.
struct RealPair {
  RealPair(RealWorld& world, const std::string& where, const std::string& from)
      : server(world.timer, world.random, world.bind(where, KernelSocket::Role::server)),
        client(world.timer, world.random, world.bind(from, KernelSocket::Role::client)) {
    server.listen(serverIdentity(), [this](kj::Own<Connection> connection) { accepted.push_back(kj::mv(connection)); });
  }

  kj::Own<Connection> connect(RealWorld& world, const std::string& host) {
    auto address = SocketAddress::parse(host + ":" + std::to_string(server.localAddress().port)).value();
    auto connected =
        world.wait(client.connect({.remote = address, .serverName = "localhost", .verifier = knowsServer()}));
    REQUIRE(connected.has_value());
    return kj::mv(*connected);
  }

  Endpoint server;
  Endpoint client;
  std::vector<kj::Own<Connection>> accepted;
};

// Sends `size` bytes one way and a word back.
void exchange(RealWorld& world, RealPair& pair, Connection& near, std::size_t size) {
  Bytes sent(size);
  for (std::size_t i = 0; i < size; ++i) sent[i] = static_cast<uint8_t>(i * 7 + i / 1000);
  auto stream = world.wait(near.openStream());
  auto writing =
      stream->write(sent.data(), size).then([&stream]() { stream->shutdownWrite(); }).eagerlyEvaluate(nullptr);
  while (pair.accepted.empty()) world.timer.afterDelay(1 * kj::MILLISECONDS).wait(world.scope);
  auto far = world.wait(pair.accepted.back()->acceptStream());
  auto received = world.wait(far->readAllBytes());
  REQUIRE(received.size() == size);
  CHECK(std::equal(received.begin(), received.end(), sent.begin()));
  world.wait(kj::mv(writing));
  auto answering = far->write("done", 4).then([&far]() { far->shutdownWrite(); }).eagerlyEvaluate(nullptr);
  CHECK(world.wait(stream->readAllText()) == "done");
}

TEST_CASE("loopback: client and server talk, on each kind of address a server may be bound to") {
  struct Case {
    const char* bound;
    const char* from;
    const char* host;
  };
  auto c = GENERATE(Case{"127.0.0.1:0", "0.0.0.0:0", "127.0.0.1"}, Case{"0.0.0.0:0", "0.0.0.0:0", "127.0.0.1"},
                    // A wildcard socket must answer from the address it was reached at.
                    Case{"0.0.0.0:0", "0.0.0.0:0", "127.0.0.5"}, Case{"[::1]:0", "[::]:0", "[::1]"},
                    Case{"[::]:0", "[::]:0", "[::1]"}, Case{"[::]:0", "0.0.0.0:0", "127.0.0.7"},
                    Case{"[::]:0", "[::]:0", "[::ffff:127.0.0.9]"});
  INFO(c.bound << " reached at " << c.host << " from " << c.from);
  RealWorld world;
  RealPair pair(world, c.bound, c.from);
  auto near = pair.connect(world, c.host);
  exchange(world, pair, *near, 100);
}

TEST_CASE("loopback: bulk arrives whole, in large segments where the kernel has them") {
  RealWorld world;
  RealPair pair(world, "127.0.0.1:0", "0.0.0.0:0");
  auto near = pair.connect(world, "127.0.0.1");
  exchange(world, pair, *near, 24 << 20);
  CHECK(pair.client.counters().connections == 1);
}

struct Seen {
  SocketAddress local, remote;
  uint8_t ecn;
  Bytes payload;
};

std::vector<Seen> receiveAll(RealWorld& world, KernelSocket& socket, std::size_t count) {
  std::vector<Seen> seen;
  while (seen.size() < count) {
    world.wait(socket.whenReadable());
    while (socket.receive([&](const IncomingDatagram& d) {
      seen.push_back({d.local, d.remote, d.ecn, toBytes(d.payload)});
    }) == UdpSocket::Received::more) {}
  }
  return seen;
}

TEST_CASE("a socket cuts a train into datagrams, marks them, and tells where they were sent to") {
  struct Case {
    const char* bound;
    const char* from;
    const char* host;
    bool offload;
  };
  auto c = GENERATE(Case{"0.0.0.0:0", "127.0.0.1:0", "127.0.0.5", true},
                    Case{"0.0.0.0:0", "127.0.0.1:0", "127.0.0.5", false}, Case{"[::]:0", "[::1]:0", "[::1]", true},
                    Case{"[::]:0", "127.0.0.1:0", "127.0.0.6", true});
  INFO(c.bound << " reached at " << c.host << (c.offload ? "" : ", without segmentation offload"));
  RealWorld world;
  auto server = world.bind(c.bound, KernelSocket::Role::server);
  auto client = world.bind(c.from, KernelSocket::Role::client);
  if (!c.offload) {
    int off = 1;  // the kernel refuses to segment what it does not checksum
    REQUIRE(setsockopt(client->fd(), SOL_SOCKET, SO_NO_CHECK, &off, sizeof off) == 0);
  }
  auto port = std::to_string(server->localAddress().port);
  auto to = SocketAddress::parse(std::string(c.host) + ":" + port).value();
  Bytes train(3000);
  world.random.fill(train);
  OutgoingDatagrams entry{
      .local = client->localAddress(), .remote = to, .ecn = 2, .payload = train, .segmentSize = 1200};
  REQUIRE(client->send({&entry, 1}) == 1);
  auto seen = receiveAll(world, *server, 3);
  REQUIRE(seen.size() == 3);
  Bytes joined;
  for (const auto& one : seen) {
    CHECK(one.ecn == 2);
    CHECK(one.local.text().contains(c.host[0] == '[' ? "::1" : c.host));
    CHECK(one.local.port == server->localAddress().port);
    joined.insert(joined.end(), one.payload.begin(), one.payload.end());
  }
  CHECK(seen[0].payload.size() == 1200);
  CHECK(joined == train);

  // The answer comes from where the question went.
  Bytes word{1, 2, 3};
  OutgoingDatagrams answer{
      .local = seen[0].local, .remote = seen[0].remote, .ecn = 1, .payload = word, .segmentSize = word.size()};
  REQUIRE(server->send({&answer, 1}) == 1);
  auto heard = receiveAll(world, *client, 1);
  CHECK(heard[0].remote == to);
  CHECK(heard[0].ecn == 1);
}

TEST_CASE("loopback: a client that moves to another socket keeps its connection, several times") {
  RealWorld world;
  RealPair pair(world, "127.0.0.1:0", "0.0.0.0:0");
  auto near = pair.connect(world, "127.0.0.1");
  exchange(world, pair, *near, 1000);
  for (int i = 0; i < 4; ++i) {
    auto before = pair.accepted.back()->peerAddress();
    pair.client.replaceSocket(world.bind("0.0.0.0:0", KernelSocket::Role::client));
    exchange(world, pair, *near, 50'000);
    CHECK(pair.accepted.back()->peerAddress() != before);
  }
}

TEST_CASE("loopback: many clients at once on one server") {
  RealWorld world;
  RealPair pair(world, "127.0.0.1:0", "0.0.0.0:0");
  auto address = SocketAddress::loopback(pair.server.localAddress().port);
  kj::Vector<kj::Promise<Endpoint::Connected>> connecting;
  for (int i = 0; i < 50; ++i) {
    connecting.add(pair.client.connect({.remote = address, .serverName = "localhost", .verifier = knowsServer()}));
  }
  auto connected = world.wait(kj::joinPromises(connecting.releaseAsArray()));
  for (auto& one : connected) CHECK(one.has_value());
  world.timer.afterDelay(50 * kj::MILLISECONDS).wait(world.scope);
  CHECK(pair.accepted.size() == 50);
}

TEST_CASE("loopback: nobody at that port is a handshake timeout, not an error of the socket") {
  RealWorld world;
  Limits limits;
  limits.handshakeTimeoutMs = 300;
  Endpoint::Options options;
  options.limits = limits;
  Endpoint client(world.timer, world.random, world.bind("0.0.0.0:0", KernelSocket::Role::client), std::move(options));
  auto connected =
      world.wait(client.connect({.remote = SocketAddress::loopback(9), .serverName = "x", .verifier = knowsServer()}));
  REQUIRE_FALSE(connected.has_value());
  CHECK(connected.error().reason.kind == CloseReason::Kind::handshakeTimeout);
}

TEST_CASE("loopback: an address in use is an exception with the address in it") {
  RealWorld world;
  auto first = world.bind("127.0.0.1:0", KernelSocket::Role::server);
  auto address = first->localAddress().text();
  try {
    world.bind(address, KernelSocket::Role::server);
    FAIL("bound twice");
  } catch (const kj::Exception& exception) {
    CHECK(std::string(exception.getDescription().cStr()).contains(address));
  }
}

TEST_CASE("the kernel's timer wakes in order and no earlier than asked, also for what is set while it waits") {
  RealWorld world;
  std::vector<int> woken;
  auto begin = world.timer.now();
  auto at = [&](int ms) {
    return world.timer.afterDelay(ms * kj::MILLISECONDS)
        .then([&woken, &world, begin, ms]() {
          CHECK(world.timer.now() - begin >= ms * kj::MILLISECONDS);
          woken.push_back(ms);
        })
        .eagerlyEvaluate(nullptr);
  };
  auto late = at(30);
  auto soon = at(5);
  auto middle = at(15);
  world.wait(kj::mv(late));
  CHECK(woken == std::vector<int>{5, 15, 30});
  auto past = world.timer.atTime(begin);
  world.wait(kj::mv(past));
}

// Three loops' endpoints on one port, here on one thread.
struct Loops {
  Loops(RealWorld& world, Steering steering) {
    auto sockets = bindSharedPort(SocketAddress::parse("127.0.0.1:0").value(), 3, steering);
    for (uint8_t i = 0; i < 3; ++i) {
      Endpoint::Options options;
      options.place = {i, 3};
      options.handOver = Endpoint::HandOver([this](uint8_t loop, const IncomingDatagram& datagram) {
        endpoints[loop]->takeOver(CarriedDatagram::of(datagram).view());
      });
      auto socket = kj::heap<KernelSocket>(world.io.unixEventPort, kj::mv(sockets[i]), KernelSocket::Role::server);
      endpoints.push_back(kj::heap<Endpoint>(world.timer, world.random, kj::mv(socket), kj::mv(options)));
      endpoints.back()->listen(serverIdentity(),
                               [this](kj::Own<Connection> connection) { accepted.push_back(kj::mv(connection)); });
    }
  }
  SocketAddress address() { return endpoints.front()->localAddress(); }
  std::vector<kj::Own<Endpoint>> endpoints;
  std::vector<kj::Own<Connection>> accepted;
};

TEST_CASE("loopback: loops that share a port share its clients, and each client's packets reach one loop") {
  auto steering = GENERATE(Steering::byConnectionId, Steering::byAddress);
  RealWorld world;
  Loops loops(world, steering);
  std::vector<kj::Own<Endpoint>> clients;
  std::vector<kj::Own<Connection>> connections;
  for (std::size_t i = 0; i < 24; ++i) {
    clients.push_back(
        kj::heap<Endpoint>(world.timer, world.random, world.bind("127.0.0.1:0", KernelSocket::Role::client)));
    auto connected = world.wait(
        clients.back()->connect({.remote = loops.address(), .serverName = "localhost", .verifier = knowsServer()}));
    REQUIRE(connected.has_value());
    connections.push_back(kj::mv(*connected));
    auto stream = world.wait(connections.back()->openStream());
    world.wait(stream->write("hello", 5));
    while (loops.accepted.size() <= i) world.timer.afterDelay(1 * kj::MILLISECONDS).wait(world.scope);
    auto far = world.wait(loops.accepted.back()->acceptStream());
    char heard[5];
    world.wait(far->read(heard, 5));
    // Another address from here on, as after a NAT that forgot.
    clients.back()->replaceSocket(world.bind("127.0.0.2:0", KernelSocket::Role::client));
    world.wait(stream->write("again", 5));
    world.wait(far->read(heard, 5));
    CHECK(std::string_view(heard, 5) == "again");
  }
  uint64_t handedOver = 0;
  for (const auto& endpoint : loops.endpoints) {
    CHECK(endpoint->counters().connections > 0);
    handedOver += endpoint->counters().handedOver;
  }
  CHECK((handedOver > 0) == (steering == Steering::byAddress));
}

TEST_CASE("loopback: a port that another program has is not shared with it") {
  RealWorld world;
  auto mine = bindSharedPort(SocketAddress::parse("127.0.0.1:0").value(), 2);
  auto bound = KernelSocket::boundAddress(mine.front());
  CHECK_THROWS_AS(bindSharedPort(bound, 2), kj::Exception);
  CHECK_THROWS_AS(bindSharedPort(bound, 1), kj::Exception);
}

}  // namespace
}  // namespace qpq::quic::test
