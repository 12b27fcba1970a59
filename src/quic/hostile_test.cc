// What strangers can do to a server, and what it costs them and us.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/generators/catch_generators_range.hpp>
#include <set>

#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

using Kind = CloseReason::Kind;
using By = CloseReason::By;

Endpoint::Options limited(Limits limits) {
  Endpoint::Options options;
  options.limits = limits;
  return options;
}

SocketAddress stranger(uint32_t n) {
  return SocketAddress::ipv4({11, static_cast<uint8_t>(n >> 16), static_cast<uint8_t>(n >> 8), static_cast<uint8_t>(n)},
                             4444);
}

bool serves(World& world, Host& server) {
  Host client(world);
  return world.wait(client.connect(server)).has_value();
}

// The first datagrams of a client whose answers are lost.
std::vector<Bytes> firstFlight(World& world, Host& server) {
  std::vector<Bytes> flight;
  Host client(world);
  world.network.setTap([&](const SocketAddress& from, const SocketAddress&, ByteView payload) {
    if (from == client.address()) flight.push_back(toBytes(payload));
  });
  client.link.setMute(false);
  client.link.setDeaf(true);
  auto weather = Weather{.lossPerMille = 1000};
  world.network.setWeather(weather);
  auto connecting = client.connect(server);
  connecting.poll(world.scope);
  world.network.setTap([](const SocketAddress&, const SocketAddress&, ByteView) {});
  world.network.setWeather({});
  return flight;
}

TEST_CASE("random bytes from random addresses make no connection, few answers, and leave the server serving") {
  auto seed = GENERATE(range<uint64_t>(1, 4));
  World world(seed);
  Host server(world);
  server.listen();
  uint64_t injected = 0;
  for (uint32_t i = 0; i < 5000; ++i) {
    Bytes noise(world.random.below(1500));
    world.random.fill(noise);
    injected += noise.size();
    world.network.inject(stranger(i), server.address(), noise);
    if (i % 500 == 0) world.pass(20 * kj::MILLISECONDS);
  }
  world.pass(1 * kj::SECONDS);
  auto counters = server.endpoint.counters();
  CHECK(counters.connections == 0);
  CHECK(counters.routes == 0);
  CHECK(world.network.sentBy(server.address()).bytes < injected);
  CHECK(serves(world, server));
}

TEST_CASE("no datagram of strange shape is answered with more than three times its size") {
  World world;
  Host server(world);
  server.listen();
  auto flight = firstFlight(world, server);
  REQUIRE(flight.size() >= 2);
  uint32_t n = 0;
  auto tryOut = [&](ByteView payload) {
    auto from = stranger(++n);
    world.network.inject(from, server.address(), payload);
    if (n % 50 == 0) world.pass(100 * kj::MILLISECONDS);
    return from;
  };
  std::vector<std::pair<SocketAddress, std::size_t>> sent;
  for (const Bytes& initial : flight) {
    for (std::size_t size = 1; size <= initial.size(); size += size < 80 ? 1 : 37) {
      sent.emplace_back(tryOut(ByteView(initial).first(size)), size);
    }
    for (std::size_t at = 0; at < initial.size(); at += at < 60 ? 1 : 97) {
      Bytes bent = initial;
      bent[at] ^= static_cast<uint8_t>(1 + world.random.below(255));
      sent.emplace_back(tryOut(bent), bent.size());
    }
  }
  world.pass(2 * kj::MINUTES);
  for (const auto& [from, size] : sent) {
    INFO(size << " bytes from " << from.text());
    CHECK(world.network.sent(server.address(), from).bytes <= kAmplificationMax * size);
  }
  CHECK(server.endpoint.counters().routes == 0);
  CHECK(serves(world, server));
}

TEST_CASE("a client that never proves its address gets at most three times what it sent") {
  World world;
  Host server(world);
  server.listen();
  Host client(world);
  client.link.setDeaf(true);
  auto connecting = client.connect(server);
  world.pass(30 * kj::SECONDS);
  auto received = world.network.sent(client.address(), server.address()).bytes;
  auto answered = world.network.sent(server.address(), client.address()).bytes;
  CHECK(answered > 0);
  CHECK(answered <= kAmplificationMax * received);
}

TEST_CASE("under load new clients prove their address first, and honest ones notice only the round trip") {
  World world;
  Limits limits;
  limits.halfOpenBeforeRetry = 3;
  Host server(world, limited(limits));
  server.listen();
  std::vector<std::unique_ptr<Host>> silent;
  std::vector<kj::Promise<Endpoint::Connected>> connecting;
  for (int i = 0; i < 10; ++i) {
    silent.push_back(std::make_unique<Host>(world));
    silent.back()->link.setDeaf(true);
    connecting.push_back(silent.back()->connect(server));
  }
  world.pass(1 * kj::SECONDS);
  CHECK(server.endpoint.counters().halfOpen == 3);
  CHECK(server.endpoint.counters().retries >= 7);
  auto before = world.time.timer().now();
  CHECK(serves(world, server));
  CHECK(world.time.timer().now() - before < 150 * kj::MILLISECONDS);
  world.pass(15 * kj::SECONDS);
  CHECK(server.endpoint.counters().connections == 0);
}

TEST_CASE("a Retry token is good for its address, for ten seconds, and on every loop that shares the secret") {
  World world;
  auto address = SocketAddress::ipv4({10, 60, 0, 1}, 7000);
  SeededRandom secretSeed(4);
  auto secrets = EndpointSecrets::random(secretSeed);
  auto options = [&secrets]() {
    Endpoint::Options some;
    some.limits.halfOpenBeforeRetry = 0;  // always
    some.secrets = secrets.clone();
    return some;
  };
  auto server = std::make_unique<Host>(world, address, options());
  server->listen();
  Host client(world);
  Bytes withToken;
  world.network.setTap([&](const SocketAddress& from, const SocketAddress& to, ByteView payload) {
    // After a Retry the client's Initial has a token: its length field after the two connection ids is not zero.
    if (from != client.address() || to != address || (payload[0] & 0xf0) != 0xc0 || !withToken.empty()) return;
    std::size_t tokenField = 7 + payload[5] + payload[6 + payload[5]];
    if (payload[tokenField] != 0) withToken = toBytes(payload);
  });
  auto connecting = client.connect(*server);

  SECTION("accepted by another loop") {
    world.pass(15 * kj::MILLISECONDS);  // the first loop has sent its Retry
    CHECK(server->endpoint.counters().retries == 2);
    server = nullptr;
    Host other(world, address, options());
    other.listen();
    CHECK(world.wait(kj::mv(connecting)).has_value());
    CHECK(other.endpoint.counters().retries == 0);
  }
  SECTION("refused elsewhere and later") {
    REQUIRE(world.wait(kj::mv(connecting)).has_value());
    REQUIRE_FALSE(withToken.empty());
    world.pass(5 * kj::SECONDS);
    REQUIRE(server->endpoint.counters().connections == 0);
    world.network.setTap([](const SocketAddress&, const SocketAddress&, ByteView) {});

    world.network.inject(stranger(1), address, withToken);
    world.pass(100 * kj::MILLISECONDS);
    CHECK(server->endpoint.counters().refusals == 1);
    CHECK(server->endpoint.counters().connections == 0);

    Bytes bent = withToken;
    bent[7 + bent[5] + bent[6 + bent[5]] + 20] ^= 1;
    world.network.inject(client.address(), address, bent);
    world.pass(100 * kj::MILLISECONDS);
    CHECK(server->endpoint.counters().refusals == 2);

    world.network.inject(client.address(), address, withToken);  // still fresh: the address has proved itself
    world.pass(100 * kj::MILLISECONDS);
    CHECK(server->endpoint.counters().refusals == 2);
    CHECK(server->endpoint.counters().connections == 1);

    world.pass(30 * kj::SECONDS);
    world.network.inject(client.address(), address, withToken);
    world.pass(100 * kj::MILLISECONDS);
    CHECK(server->endpoint.counters().refusals == 3);
    CHECK(server->endpoint.counters().connections == 0);
  }
}

TEST_CASE("where there is no room a client is refused and costs nothing, and those who are in stay") {
  World world;
  bool room = true;
  Endpoint::Options options;
  options.makeRoom.emplace([&room]() { return room ? std::make_shared<int>() : Admission::Room(); });
  Host server(world, kj::mv(options));
  server.listen();
  Host client(world);
  auto first = world.wait(client.connect(server));
  REQUIRE(first.has_value());
  room = false;
  auto second = world.wait(client.connect(server));
  REQUIRE_FALSE(second.has_value());
  CHECK(second.error().reason.kind == CloseReason::Kind::refused);
  CHECK(server.endpoint.counters().connections == 1);
  CHECK((*first)->closeReason() == std::nullopt);
  room = true;
  CHECK(world.wait(client.connect(server)).has_value());
}

TEST_CASE("one address may have so many connections; the next is refused by name, others are let in") {
  World world;
  Limits limits;
  limits.connectionsPerAddressMax = 3;
  Host server(world, limited(limits));
  server.listen();
  std::vector<std::unique_ptr<Host>> neighbours;
  std::vector<kj::Own<Connection>> held;
  for (uint16_t i = 0; i < 4; ++i) {
    auto address = SocketAddress::ipv4({10, 70, 0, 1}, static_cast<uint16_t>(9000 + i));
    neighbours.push_back(std::make_unique<Host>(world, address));
    auto connected = world.wait(neighbours.back()->connect(server));
    if (i < 3) {
      REQUIRE(connected.has_value());
      held.push_back(kj::mv(*connected));
    } else {
      REQUIRE_FALSE(connected.has_value());
      CHECK(connected.error().reason.kind == Kind::refused);
      CHECK(connected.error().reason.by == By::peer);
    }
  }
  CHECK(serves(world, server));
  held.pop_back();
  world.pass(1 * kj::SECONDS);
  CHECK(world.wait(neighbours[3]->connect(server)).has_value());
}

TEST_CASE("a full server ignores the next client and takes it when there is room") {
  World world;
  Limits limits;
  limits.connectionsMax = 2;
  Host server(world, limited(limits));
  server.listen();
  Host first(world);
  Host second(world);
  auto a = world.wait(first.connect(server));
  auto b = world.wait(second.connect(server));
  REQUIRE(a.has_value());
  REQUIRE(b.has_value());
  Host third(world);
  auto waiting = third.connect(server);
  world.pass(2 * kj::SECONDS);
  CHECK(server.endpoint.counters().connections == 2);
  a.value() = nullptr;
  CHECK(world.wait(kj::mv(waiting)).has_value());
}

TEST_CASE("every packet to a server's loop names that loop in its first destination byte, after Retry too") {
  World world;
  bool always = GENERATE(false, true);
  Endpoint::Options options;
  options.place = {.index = 2, .count = 5};
  if (always) options.limits.halfOpenBeforeRetry = 0;
  Host server(world, std::move(options));
  server.listen();
  Host client(world);
  int initials = 0;
  int others = 0;
  Bytes firstId;
  world.network.setTap([&](const SocketAddress& from, const SocketAddress&, ByteView payload) {
    if (from != client.link.outsideAddress()) return;
    bool longHeader = (payload[0] & 0x80) != 0;
    uint8_t first = longHeader ? payload[6] : payload[1];
    if (longHeader && (firstId.empty() || firstId[0] == first)) {  // the client's own choice
      firstId = {first};
      ++initials;
      return;
    }
    CHECK(first % 5 == 2);
    ++others;
  });
  auto connected = world.wait(client.connect(server));
  REQUIRE(connected.has_value());
  world.pass(1 * kj::SECONDS);  // in the middle of a handshake nobody may move (RFC 9000 §9)
  for (int i = 0; i < 10; ++i) {
    client.link.rebind();
    auto stream = world.wait((*connected)->openStream());
    writeText(world, *stream, "x");
    world.pass(20 * kj::SECONDS);
  }
  CHECK(initials >= 2);
  CHECK(others > 20);
}

TEST_CASE("stateless resets are shorter than what provoked them and limited in number") {
  World world;
  Limits limits;
  limits.statelessBurst = 5;
  limits.statelessPerSecond = 1;
  Host server(world, limited(limits));
  server.listen();
  for (std::size_t size : {21u, 22u, 30u, 1200u}) {
    Bytes packet(size, 0x11);
    packet[0] = 0x40;
    auto from = stranger(static_cast<uint32_t>(size));
    world.network.inject(from, server.address(), packet);
    world.pass(50 * kj::MILLISECONDS);
    auto answered = world.network.sent(server.address(), from).bytes;
    CHECK(answered < size);
    CHECK((answered == 0) == (size <= 22));
  }
  CHECK(server.endpoint.counters().resets == 2);
  Bytes packet(100, 0x11);
  packet[0] = 0x40;
  for (uint32_t i = 0; i < 100; ++i) world.network.inject(stranger(5000 + i), server.address(), packet);
  world.pass(50 * kj::MILLISECONDS);
  CHECK(server.endpoint.counters().resets == 5);
  CHECK(server.endpoint.counters().withheld == 97);
  world.pass(3 * kj::SECONDS);
  world.network.inject(stranger(1), server.address(), packet);
  world.pass(50 * kj::MILLISECONDS);
  CHECK(server.endpoint.counters().resets == 6);
}

TEST_CASE("a peer that changes its address all the time is followed only so often, and recovers") {
  World world;
  Limits limits;
  limits.addressChangeBurst = 3;
  limits.addressChangesPerMinute = 6;
  Pair pair(world, limits, Limits{});
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "x");
  auto far = world.wait(pair.far->acceptStream());
  std::set<SocketAddress> heardAt;
  world.network.setTap([&](const SocketAddress& from, const SocketAddress& to, ByteView) {
    if (from == pair.server.address()) heardAt.insert(to);
  });
  for (int i = 0; i < 40; ++i) {
    pair.client.link.rebind();
    writeText(world, *stream, "y");
    world.pass(50 * kj::MILLISECONDS);
  }
  CHECK(heardAt.size() <= 5);
  writeText(world, *stream, "z");
  stream->shutdownWrite();
  CHECK(readAll(world, *far).size() == 42);
}

TEST_CASE("the number of tombstones is limited, also when more connections end at once") {
  World world;
  Limits limits;
  limits.tombstonesMax = 5;
  Host server(world, limited(limits));
  server.listen();
  Host client(world);
  std::vector<kj::Own<Connection>> held;
  for (int i = 0; i < 12; ++i) {
    auto connected = world.wait(client.connect(server));
    REQUIRE(connected.has_value());
    held.push_back(kj::mv(*connected));
  }
  world.pass(100 * kj::MILLISECONDS);
  held.clear();
  world.pass(30 * kj::MILLISECONDS);
  CHECK(server.endpoint.counters().connections == 0);
  CHECK(server.endpoint.counters().tombstones == 5);
}

}  // namespace
}  // namespace qpq::quic::test
