// Who gets in and who does not, and whether both sides are told why.
#include <openssl/pem.h>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

using Kind = CloseReason::Kind;
using By = CloseReason::By;

struct Attempt {
  explicit Attempt(World& world, Endpoint::Options serverOptions = {}, Endpoint::Options clientOptions = {})
      : server(world, std::move(serverOptions)), client(world, std::move(clientOptions)) {
    server.listen();
  }
  Endpoint::Connected connect(World& world, PeerVerifier verifier = knowsServer(), std::string name = "localhost") {
    return world.wait(client.endpoint.connect(
        {.remote = server.address(), .serverName = std::move(name), .verifier = std::move(verifier)}));
  }
  Host server;
  Host client;
};

Endpoint::Options speaking(TlsProfile profile) {
  Endpoint::Options options;
  options.profile = std::move(profile);
  return options;
}

TEST_CASE("a client with classical key exchange only is refused, and both sides can name the reason") {
  World world;
  SECTION("the client is old") {
    Attempt attempt(world, {}, speaking({.groups = "X25519:P-256"}));
    auto connected = attempt.connect(world);
    REQUIRE_FALSE(connected.has_value());
    CHECK(connected.error().reason == CloseReason{Kind::noCommonGroup, By::peer, 40});
    CHECK(connected.error().reason.text().contains("X25519MLKEM768"));
    CHECK(attempt.server.accepted.empty());
  }
  SECTION("the server is old: ours offers nothing weaker") {
    Attempt attempt(world, speaking({.groups = "X25519:P-256"}), {});
    auto connected = attempt.connect(world);
    REQUIRE_FALSE(connected.has_value());
    CHECK(connected.error().reason == CloseReason{Kind::noCommonGroup, By::peer, 40});
  }
}

TEST_CASE("a client that prefers a classical group but knows the hybrid one is brought to it") {
  World world;
  Attempt attempt(world, {}, speaking({.groups = "*X25519:X25519MLKEM768"}));
  CHECK(attempt.connect(world).has_value());
}

TEST_CASE("another application protocol is refused by name") {
  World world;
  auto alpn = GENERATE("h3", "qpq/2", "qpq/11", "qpq", "QPQ/1");
  Attempt attempt(world, {}, speaking({.alpn = alpn}));
  auto connected = attempt.connect(world);
  REQUIRE_FALSE(connected.has_value());
  CHECK(connected.error().reason == CloseReason{Kind::wrongAlpn, By::peer, 120});
}

TEST_CASE("a server whose key is not the expected one is refused, and the key it showed is told") {
  World world;
  Attempt attempt(world);
  KeyHash other = serverIdentity().keyHash();
  other[31] ^= 1;
  auto connected = attempt.connect(world, ExpectedKey{other});
  REQUIRE_FALSE(connected.has_value());
  CHECK(connected.error().reason == CloseReason{Kind::refusedCertificate, By::us, 42});
  CHECK(connected.error().presentedKey == serverIdentity().keyHash());
  world.pass(1 * kj::SECONDS);
  CHECK(attempt.server.accepted.empty());
  CHECK(attempt.server.endpoint.counters().connections == 0);
}

TEST_CASE("trust on first use is a decision of the caller, made with the key in hand") {
  World world;
  Attempt attempt(world);
  KeyHash seen{};
  auto connected = attempt.connect(world, Judged{[&seen](const KeyHash& key) {
                                     seen = key;
                                     return true;
                                   }});
  REQUIRE(connected.has_value());
  CHECK(seen == serverIdentity().keyHash());
  CHECK((*connected)->peerKey() == seen);
  CHECK_FALSE(attempt.connect(world, Judged{[](const KeyHash&) { return false; }}).has_value());
}

TEST_CASE("a --ca-cert file takes the server's own certificate whatever its dates and names") {
  World world;
  Attempt attempt(world);
  auto certificates = Certificate::parse(serverFiles().certificatePem).value();
  TrustedCertificates trusted{.certificates = certificates, .now = kNow + 20'000 * kDayMs};
  CHECK(attempt.connect(world, trusted, "some.other.name").has_value());

  SeededRandom random(99);
  auto another = Certificate::parse(makeSelfSigned(random, kNow).certificatePem).value();
  auto refused = attempt.connect(world, TrustedCertificates{.certificates = another, .now = kNow});
  REQUIRE_FALSE(refused.has_value());
  CHECK(refused.error().reason.kind == Kind::refusedCertificate);
}

TEST_CASE("a port where nobody listens ends in a handshake timeout after ten seconds") {
  World world;
  Host client(world);
  auto before = world.time.timer().now();
  auto connected = world.wait(client.endpoint.connect(
      {.remote = SocketAddress::ipv4({10, 9, 9, 9}, 7000), .serverName = "localhost", .verifier = knowsServer()}));
  REQUIRE_FALSE(connected.has_value());
  CHECK(connected.error().reason == CloseReason{Kind::handshakeTimeout, By::us});
  CHECK(world.time.timer().now() - before >= 10 * kj::SECONDS);
  CHECK(world.time.timer().now() - before < 11 * kj::SECONDS);
}

TEST_CASE("a client that falls silent in the handshake costs the server nothing after ten seconds") {
  World world;
  Attempt attempt(world);
  attempt.client.link.setDeaf(true);
  auto connecting = attempt.client.connect(attempt.server);
  world.pass(1 * kj::SECONDS);
  CHECK(attempt.server.endpoint.counters().halfOpen == 1);
  world.pass(12 * kj::SECONDS);
  auto counters = attempt.server.endpoint.counters();
  CHECK(counters.halfOpen == 0);
  CHECK(counters.connections == 0);
  CHECK(counters.routes == 0);
}

TEST_CASE("a connect that is given up closes the connection it was making") {
  World world;
  Attempt attempt(world);
  {
    auto connecting = attempt.client.connect(attempt.server);
    CHECK_FALSE(connecting.poll(world.scope));
  }
  world.pass(5 * kj::SECONDS);
  CHECK(attempt.client.endpoint.counters().connections == 0);
  CHECK(attempt.server.endpoint.counters().connections == 0);
}

TEST_CASE("the handshake survives a network that loses every third datagram") {
  int good = 0;
  for (uint64_t seed = 1; seed <= 40; ++seed) {
    World world(seed);
    Attempt attempt(world);
    world.network.setWeather({.lossPerMille = 333});
    good += attempt.connect(world).has_value() ? 1 : 0;
  }
  // Ten seconds are not always enough at this loss.
  CHECK(good >= 36);
}

TEST_CASE("the second half of a ClientHello may come first: the server asks for proof of address and goes on") {
  int retried = 0;
  for (uint64_t seed = 1; seed <= 30; ++seed) {
    World world(seed);
    Attempt attempt(world);
    world.network.setWeather({.reorderPerMille = 500});
    REQUIRE(attempt.connect(world).has_value());
    retried += attempt.server.endpoint.counters().retries > 0 ? 1 : 0;
  }
  CHECK(retried > 0);
}

TEST_CASE("a client of another QUIC version is told which one is spoken, and ours says why it gave up") {
  World world;
  Attempt attempt(world);
  Bytes initial(1200, 0);
  initial[0] = 0xc0;
  initial[1] = 0x0a, initial[2] = 0x0a, initial[3] = 0x0a, initial[4] = 0x0b;  // a version nobody has
  initial[5] = 8;
  initial[14] = 8;
  auto stranger = SocketAddress::ipv4({10, 8, 8, 8}, 5555);
  world.network.inject(stranger, attempt.server.address(), initial);
  world.pass(1 * kj::SECONDS);
  CHECK(attempt.server.endpoint.counters().versionNegotiations == 1);
  CHECK(world.network.sent(attempt.server.address(), stranger).datagrams == 1);

  initial.resize(1199);  // RFC 9000 §5.2.2: too small to deserve an answer
  world.network.inject(stranger, attempt.server.address(), initial);
  world.pass(1 * kj::SECONDS);
  CHECK(attempt.server.endpoint.counters().versionNegotiations == 1);
}

TEST_CASE("a server that speaks no version of ours is told apart from one that does not answer") {
  World world;
  Host client(world);
  auto server = SocketAddress::ipv4({10, 7, 7, 7}, 7000);
  world.network.setTap([&](const SocketAddress& from, const SocketAddress& to, ByteView payload) {
    if (to != server) return;
    // Version negotiation, RFC 9000 §17.2.1, for whatever the client chose.
    Bytes answer{0x80, 0, 0, 0, 0};
    std::size_t destinationSize = payload[5];
    std::size_t sourceSize = payload[6 + destinationSize];
    answer.push_back(static_cast<uint8_t>(sourceSize));
    auto source = payload.subspan(7 + destinationSize, sourceSize);
    answer.insert(answer.end(), source.begin(), source.end());
    answer.push_back(static_cast<uint8_t>(destinationSize));
    auto destination = payload.subspan(6, destinationSize);
    answer.insert(answer.end(), destination.begin(), destination.end());
    answer.insert(answer.end(), {0xde, 0xad, 0xbe, 0xef});
    world.network.inject(server, from, answer);
  });
  auto connected =
      world.wait(client.endpoint.connect({.remote = server, .serverName = "localhost", .verifier = knowsServer()}));
  REQUIRE_FALSE(connected.has_value());
  CHECK(connected.error().reason.kind == Kind::wrongVersion);
}

}  // namespace
}  // namespace qpq::quic::test
