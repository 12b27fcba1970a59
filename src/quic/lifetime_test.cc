// How connections live and end.
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

using Kind = CloseReason::Kind;
using By = CloseReason::By;

TEST_CASE("a close carries its code to the other side, and every waiting promise ends") {
  World world;
  Pair pair(world);
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "x");
  char buffer;
  auto reading = stream->tryRead(&buffer, 1, 1).ignoreResult();
  auto accepting = pair.near->acceptStream().ignoreResult();
  auto closed = pair.near->whenClosed();
  pair.far->close(4711);
  CHECK(world.wait(kj::mv(closed)) == CloseReason{Kind::application, By::peer, 4711});
  CHECK(pair.far->closeReason() == CloseReason{Kind::application, By::us, 4711});
  CHECK(thrownBy(world, kj::mv(reading)).contains("code 4711 (by the peer)"));
  CHECK(thrownBy(world, kj::mv(accepting)).contains("4711"));
  CHECK(thrownBy(world, pair.near->openStream().ignoreResult()).contains("4711"));
  CHECK(thrownBy(world, stream->write("y", 1)).contains("4711"));
}

TEST_CASE("dropping a connection closes it with code 0") {
  World world;
  Pair pair(world);
  pair.near = nullptr;
  CHECK(world.wait(pair.far->whenClosed()) == CloseReason{Kind::application, By::peer, 0});
}

TEST_CASE("after an end nothing is left but a tombstone, and soon not that") {
  World world;
  Pair pair(world);
  pair.near->close(1);
  world.pass(100 * kj::MILLISECONDS);
  for (Host* host : {&pair.server, &pair.client}) {
    CHECK(host->endpoint.counters().connections == 0);
    CHECK(host->endpoint.counters().tombstones == 1);
  }
  world.pass(5 * kj::SECONDS);
  for (Host* host : {&pair.server, &pair.client}) {
    CHECK(host->endpoint.counters().tombstones == 0);
    CHECK(host->endpoint.counters().routes == 0);
  }
}

TEST_CASE("a lost close is repeated to a peer that goes on talking, but ever less often") {
  World world;
  Pair pair(world);
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "x");
  world.pass(1 * kj::SECONDS);
  pair.server.link.setMute(true);
  pair.far->close(9);
  world.pass(20 * kj::MILLISECONDS);
  pair.server.link.setMute(false);
  writeText(world, *stream, "are you there?");
  CHECK(world.wait(pair.near->whenClosed()) == CloseReason{Kind::application, By::peer, 9});
}

TEST_CASE("a flood on a closed connection is answered logarithmically") {
  World world;
  Pair pair(world);
  Bytes last;
  bool recording = true;
  world.network.setTap([&](const SocketAddress& from, const SocketAddress&, ByteView payload) {
    if (recording && from == pair.client.address()) last = toBytes(payload);
  });
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "x");
  world.pass(1 * kj::SECONDS);
  pair.client.link.setDeaf(true);
  pair.far->close(9);
  world.pass(20 * kj::MILLISECONDS);
  recording = false;
  auto before = world.network.sent(pair.server.address(), pair.client.address()).datagrams;
  for (int i = 0; i < 64; ++i) world.network.inject(pair.client.address(), pair.server.address(), last);
  world.pass(50 * kj::MILLISECONDS);
  auto answers = world.network.sent(pair.server.address(), pair.client.address()).datagrams - before;
  CHECK(answers >= 1);
  CHECK(answers <= 7);
}

TEST_CASE("silence ends a connection on both sides after the idle timeout, and costs no real time") {
  World world;
  Limits limits;
  limits.idleTimeoutMs = 10 * kMinuteMs;
  limits.keepAliveMs = kHourMs;
  Pair pair(world, limits);
  world.pass(9 * kj::MINUTES);
  CHECK_FALSE(pair.near->closeReason().has_value());
  world.pass(2 * kj::MINUTES);
  CHECK(pair.near->closeReason() == CloseReason{Kind::idleTimeout, By::us});
  CHECK(pair.far->closeReason() == CloseReason{Kind::idleTimeout, By::us});
  CHECK(pair.server.endpoint.counters().routes == 0);
}

TEST_CASE("the client's keep-alives hold a silent connection for a day, at two small datagrams each") {
  World world;
  Pair pair(world);
  auto before = world.network.sent(pair.client.address(), pair.server.address()).datagrams;
  world.pass(1 * kj::DAYS);
  CHECK_FALSE(pair.near->closeReason().has_value());
  CHECK_FALSE(pair.far->closeReason().has_value());
  auto sent = world.network.sent(pair.client.address(), pair.server.address()).datagrams - before;
  CHECK(sent >= 3000);  // 86 400 s / 25 s = 3456
  CHECK(sent <= 7500);
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "good morning");
  stream->shutdownWrite();
  CHECK(readAll(world, *world.wait(pair.far->acceptStream())) == "good morning");
}

TEST_CASE("a server alone sends no keep-alives") {
  World world;
  Limits client;
  client.keepAliveMs = kHourMs;
  Pair pair(world, Limits{}, client);
  world.pass(3 * kj::MINUTES);
  CHECK(pair.far->closeReason() == CloseReason{Kind::idleTimeout, By::us});
}

TEST_CASE("a peer that vanishes is noticed within the idle timeout, and its streams throw") {
  World world;
  Pair pair(world);
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "x");
  pair.server.link.setDeaf(true);
  pair.server.link.setMute(true);
  char byte;
  CHECK(thrownBy(world, stream->tryRead(&byte, 1, 1).ignoreResult()).contains("idle timeout"));
  CHECK(pair.near->closeReason() == CloseReason{Kind::idleTimeout, By::us});
}

TEST_CASE("a NAT that forgets its mapping, again and again, in the middle of a transfer, is survived") {
  World world;
  Pair pair(world);
  auto near = world.wait(pair.near->openStream());
  auto first = pair.far->peerAddress();
  std::string received;
  auto far = kj::Own<Stream>();
  for (int round = 0; round < 6; ++round) {
    Bytes chunk(20'000, static_cast<uint8_t>('a' + round));
    auto writing = near->write(chunk.data(), chunk.size()).eagerlyEvaluate(nullptr);
    pair.client.link.rebind();
    if (round == 0) far = world.wait(pair.far->acceptStream());
    std::string part(chunk.size(), '\0');
    world.wait(far->read(part.data(), part.size()));
    CHECK(part == std::string(chunk.size(), static_cast<char>('a' + round)));
    world.wait(kj::mv(writing));
    world.pass(20 * kj::SECONDS);
    CHECK(pair.far->peerAddress() == pair.client.link.outsideAddress());
    // And the other way.
    writeText(world, *far, "ok");
    std::array<char, 2> answer;
    world.wait(near->read(answer.data(), answer.size()));
  }
  CHECK(pair.far->peerAddress() != first);
}

TEST_CASE("a sleeping client behind a NAT that forgot it is found again by its next keep-alive") {
  World world;
  Pair pair(world);
  world.pass(10 * kj::SECONDS);
  pair.client.link.rebind();
  world.pass(30 * kj::SECONDS);
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "x");
  auto far = world.wait(pair.far->acceptStream());
  writeText(world, *far, "y");
  std::array<char, 1> answer;
  world.wait(stream->read(answer.data(), answer.size()));
  CHECK(answer[0] == 'y');
}

TEST_CASE("a client may go on from another socket") {
  World world;
  Pair pair(world);
  auto stream = world.wait(pair.near->openStream());
  writeText(world, *stream, "before");
  auto far = world.wait(pair.far->acceptStream());
  auto other = SocketAddress::ipv4({172, 16, 0, 9}, 1234);
  pair.client.endpoint.replaceSocket(world.network.bind(other));
  writeText(world, *stream, " and after");
  stream->shutdownWrite();
  CHECK(readAll(world, *far) == "before and after");
  world.pass(1 * kj::SECONDS);
  CHECK(pair.far->peerAddress() == other);
}

TEST_CASE("a datagram copied to us from a forged address does not take the connection with it") {
  World world;
  Pair pair(world);
  auto stream = world.wait(pair.near->openStream());
  auto attacker = SocketAddress::ipv4({66, 66, 66, 66}, 6666);
  bool copying = true;
  pair.server.link.setDeaf(false);
  world.network.setTap([&](const SocketAddress& from, const SocketAddress& to, ByteView payload) {
    if (!copying || from != pair.client.address()) return;
    copying = false;
    Bytes copy = toBytes(payload);
    // The copy overtakes the original: same delay, but the original is lost.
    world.network.setWeather({.lossPerMille = 0});
    world.network.inject(attacker, to, copy);
  });
  writeText(world, *stream, "x");
  auto far = world.wait(pair.far->acceptStream());
  world.pass(30 * kj::SECONDS);
  CHECK(pair.far->peerAddress() == pair.client.address());
  auto wasted = world.network.sent(pair.server.address(), attacker);
  CHECK(wasted.bytes <= 3 * 1500);
  writeText(world, *far, "y");
  std::array<char, 1> answer;
  world.wait(stream->read(answer.data(), answer.size()));
  CHECK(answer[0] == 'y');
}

TEST_CASE("a server that restarted says so, and the client knows within one round trip") {
  World world;
  Host client(world);
  auto address = SocketAddress::ipv4({10, 50, 0, 1}, 7000);
  SeededRandom secretSeed(4);
  auto secrets = EndpointSecrets::random(secretSeed);
  kj::Own<Connection> near;
  kj::Own<Stream> stream;
  {
    Endpoint::Options options;
    options.secrets = secrets.clone();
    Host server(world, address, std::move(options));
    server.listen();
    auto connected = world.wait(client.connect(server));
    near = kj::mv(*connected);
    stream = world.wait(near->openStream());
    writeText(world, *stream, "x");
    world.pass(1 * kj::SECONDS);
    server.link.setMute(true);
  }
  Endpoint::Options options;
  options.secrets = secrets.clone();
  Host server(world, address, std::move(options));
  server.listen();
  auto before = world.time.timer().now();
  writeText(world, *stream, "y");
  CHECK(world.wait(near->whenClosed()) == CloseReason{Kind::reset, By::peer});
  CHECK(world.time.timer().now() - before < 100 * kj::MILLISECONDS);
  CHECK(server.endpoint.counters().resets == 1);
}

TEST_CASE("closing an endpoint tells every peer and then has nobody") {
  World world;
  Pair pair(world);
  auto second = world.wait(pair.client.connect(pair.server));
  REQUIRE(second.has_value());
  world.wait(pair.server.endpoint.close(3));
  CHECK(pair.server.endpoint.counters().connections == 0);
  CHECK(world.wait(pair.near->whenClosed()) == CloseReason{Kind::application, By::peer, 3});
  CHECK(world.wait((*second)->whenClosed()) == CloseReason{Kind::application, By::peer, 3});
  CHECK_FALSE(world.wait(pair.client.connect(pair.server)).has_value());
}

TEST_CASE("connections and streams outlive their endpoint as dead ones") {
  World world;
  auto pair = std::make_unique<Pair>(world);
  auto near = kj::mv(pair->near);
  auto stream = world.wait(near->openStream());
  auto waiting = near->acceptStream().ignoreResult();
  pair.reset();
  CHECK(near->closeReason() == CloseReason{Kind::shutDown, By::us});
  CHECK(thrownBy(world, kj::mv(waiting)).contains("shut down"));
  CHECK(thrownBy(world, stream->write("x", 1)).contains("shut down"));
  stream->shutdownWrite();
  near->close(1);
}

TEST_CASE("a socket that takes nothing for a while delays and loses nothing") {
  World world;
  Pair pair(world);
  auto stream = world.wait(pair.near->openStream());
  pair.client.link.setCongested(true);
  writeText(world, *stream, "waiting");
  stream->shutdownWrite();
  world.pass(3 * kj::SECONDS);
  pair.client.link.setCongested(false);
  CHECK(readAll(world, *world.wait(pair.far->acceptStream())) == "waiting");
}

}  // namespace
}  // namespace qpq::quic::test
