#include "quic/anteroom.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <vector>

#include "support/seeded_random.h"

namespace qpq::quic {
namespace {

struct Stranger final: Recipient {
  void receive(const IncomingDatagram&) override { ++heard; }
  bool isStranger() const override { return true; }
  unsigned heard = 0;
};

struct Scene {
  qpq::test::SeededRandom random{1};
  RoutingTable routes;
  unsigned greeted = 0;
  Anteroom anteroom{routes, [this](std::unique_ptr<Greeting>) { ++greeted; }};
  Stranger stranger;
  ConnectionId id = ConnectionId::random(random, {});
  Bytes bytes = Bytes(64, 7);
  IncomingDatagram datagram{.local = {}, .remote = {}, .ecn = 0, .payload = bytes};

  Scene() { routes.add(id, stranger); }
  void newcomer() {
    anteroom.add(std::make_unique<Greeting>(routes, ConnectionId::random(random, {}), datagram, std::nullopt, nullptr,
                                            kj::origin<kj::TimePoint>()));
  }
};

TEST_CASE("whoever has begun goes on before another begins, and a few at a time") {
  Scene scene;
  for (int i = 0; i < 20; ++i) scene.anteroom.add(scene.id, scene.datagram);
  for (int i = 0; i < 5; ++i) scene.newcomer();
  scene.anteroom.takeSome();
  CHECK(scene.stranger.heard == 16);
  CHECK(scene.greeted == 0);
  scene.anteroom.takeSome();
  CHECK(scene.stranger.heard == 20);
  CHECK(scene.greeted == 2);
  scene.anteroom.takeSome();
  scene.anteroom.takeSome();
  CHECK(scene.greeted == 5);
  CHECK(scene.anteroom.empty());
}

TEST_CASE("clients that never stop sending do not keep others out") {
  Scene scene;
  for (int i = 0; i < 5; ++i) scene.newcomer();
  for (int turn = 0; turn < 20; ++turn) {
    for (int i = 0; i < 20; ++i) scene.anteroom.add(scene.id, scene.datagram);
    scene.anteroom.takeSome();
  }
  CHECK(scene.greeted == 5);
}

TEST_CASE("what waits of clients nobody knows is bounded, and the rest is lost") {
  Scene scene;
  for (int i = 0; i < 5'000; ++i) scene.anteroom.add(scene.id, scene.datagram);
  while (!scene.anteroom.empty()) scene.anteroom.takeSome();
  CHECK(scene.stranger.heard == 1024);
}

TEST_CASE(
    "a stateless reset for a client nobody knows arrives though it waits, one for a client that has gone is dropped") {
  Scene scene;
  RoutingTable::ResetToken token;
  token.fill(7);
  scene.routes.addReset(token, scene.stranger);
  scene.anteroom.add(ConnectionId::random(scene.random, {}), scene.datagram);
  scene.anteroom.takeSome();
  CHECK(scene.stranger.heard == 1);
  scene.routes.removeReset(token, scene.stranger);
  scene.anteroom.add(ConnectionId::random(scene.random, {}), scene.datagram);
  scene.anteroom.takeSome();
  CHECK(scene.stranger.heard == 1);
}

}  // namespace
}  // namespace qpq::quic
