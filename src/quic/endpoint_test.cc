#include "quic/endpoint.h"

#include <catch2/catch_test_macros.hpp>

#include <kj/vector.h>

#include <optional>

#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

TEST_CASE("a client and a server shake hands and share an exporter value nobody else has") {
  World world;
  Pair pair(world);
  CHECK(pair.near->peerKey() == serverIdentity().keyHash());
  CHECK_FALSE(pair.far->peerKey().has_value());
  CHECK(pair.near->exporter() == pair.far->exporter());
  CHECK(pair.far->peerAddress() == pair.client.address());

  auto second = world.wait(pair.client.connect(pair.server));
  REQUIRE(second.has_value());
  CHECK((*second)->exporter() != pair.near->exporter());
}

TEST_CASE("what one side writes to a stream the other reads, and the end of each direction is seen") {
  World world;
  Pair pair(world);
  auto mine = world.wait(pair.near->openStream());
  writeText(world, *mine, "hello");
  mine->shutdownWrite();
  auto theirs = world.wait(pair.far->acceptStream());
  CHECK(theirs->id() == 0);
  CHECK(readAll(world, *theirs) == "hello");
  writeText(world, *theirs, "goodbye");
  theirs->shutdownWrite();
  CHECK(readAll(world, *mine) == "goodbye");
}

// How many datagrams the server has sent to a crowd before it answers whoever is inside.
class CrowdCount {
 public:
  CrowdCount(World& world, Pair& pair, const Host& crowd) {
    world.network.setTap([this, server = pair.server.address(), inside = pair.client.address(),
                          outside = crowd.address()](const SocketAddress& from, const SocketAddress& to, ByteView) {
      if (from != server) return;
      if (to == outside) ++toCrowd_;
      if (to == inside && !before_) before_ = toCrowd_;
    });
  }
  std::size_t beforeTheAnswer() const {
    REQUIRE(before_.has_value());
    return *before_;
  }

 private:
  std::size_t toCrowd_ = 0;
  std::optional<std::size_t> before_;
};

// Somebody inside, who is answered what he says.
class Echo {
 public:
  Echo(World& world, Pair& pair): world_(world), near_(world.wait(pair.near->openStream())) {
    ask();
    far_ = world.wait(pair.far->acceptStream());
    echoing_ = far_->pumpTo(*far_).ignoreResult().eagerlyEvaluate([](kj::Exception&&) {});
    hear();
  }
  void ask() { near_->write("?", 1).wait(world_.scope); }
  void hear() {
    char mark;
    world_.wait(near_->read(&mark, 1));
  }

 private:
  World& world_;
  kj::Own<Stream> near_, far_;
  kj::Promise<void> echoing_ = kj::READY_NOW;
};

TEST_CASE("a crowd at the door is let in, and holds up nobody who is inside") {
  constexpr int kCrowd = 200;
  World world;
  Limits limits;
  limits.halfOpenPerAddressMax = limits.halfOpenBeforeRetry = kCrowd;
  Pair pair(world, limits);
  Echo inside(world, pair);

  // All of it arrives at one moment, the message last. What the server has sent to the crowd before it answers:
  Host crowd(world);
  CrowdCount toCrowd(world, pair, crowd);
  kj::Vector<kj::Promise<Endpoint::Connected>> coming;
  for (int i = 0; i < kCrowd; ++i) coming.add(crowd.connect(pair.server));
  world.pass(0 * kj::SECONDS);
  REQUIRE(world.network.sent(crowd.address(), pair.server.address()).datagrams >= kCrowd);
  inside.ask();
  inside.hear();
  CHECK(toCrowd.beforeTheAnswer() < kCrowd / 10);
  for (auto& connection : coming) CHECK(world.wait(kj::mv(connection)).has_value());
}

TEST_CASE("those of whom nobody knows who they are hold up nobody who is known") {
  constexpr std::size_t kStrangers = 200;
  World world;
  Limits limits;
  limits.halfOpenPerAddressMax = limits.halfOpenBeforeRetry = kStrangers;
  Pair pair(world, limits);
  *pair.far->known() = true;
  Echo inside(world, pair);
  char mark;
  Host crowd(world);
  std::vector<kj::Own<Connection>> strangers;
  std::vector<kj::Own<Stream>> streams, answering;
  kj::Vector<kj::Promise<void>> answers;
  for (std::size_t i = 0; i < kStrangers; ++i) {
    auto connected = world.wait(crowd.connect(pair.server));
    REQUIRE(connected.has_value());
    strangers.push_back(kj::mv(*connected));
    streams.push_back(world.wait(strangers.back()->openStream()));
    streams.back()->write("?", 1).wait(world.scope);
    world.pass(100 * kj::MILLISECONDS);  // the server takes it for connected last
    answering.push_back(world.wait(pair.server.accepted.back()->acceptStream()));
    auto& served = *answering.back();
    answers.add(served.pumpTo(served).ignoreResult().eagerlyEvaluate([](kj::Exception&&) {}));
    world.wait(streams.back()->read(&mark, 1));
  }
  world.pass(5 * kj::SECONDS);

  // One datagram of each, and then the message. What the server has sent to them before it answers:
  CrowdCount toCrowd(world, pair, crowd);
  auto before = world.network.sent(crowd.address(), pair.server.address()).datagrams;
  for (auto& stream : streams) stream->write("!", 1).wait(world.scope);
  world.pass(0 * kj::SECONDS);
  REQUIRE(world.network.sent(crowd.address(), pair.server.address()).datagrams - before >= kStrangers);
  inside.ask();
  inside.hear();
  CHECK(toCrowd.beforeTheAnswer() <= 32);
  // They are heard, too.
  for (auto& stream : streams) world.wait(stream->read(&mark, 1));
}

TEST_CASE("a server that closes forgets who waits at its door") {
  World world;
  Limits limits;
  limits.halfOpenPerAddressMax = limits.halfOpenBeforeRetry = 100;
  Host server(world, {.limits = limits});
  Host crowd(world, {.limits = limits});
  server.listen();
  kj::Vector<kj::Promise<Endpoint::Connected>> coming;
  for (int i = 0; i < 100; ++i) coming.add(crowd.connect(server));
  while (server.endpoint.counters().halfOpen == 0) world.pass(1 * kj::MILLISECONDS);
  world.wait(server.endpoint.close(0));
  world.pass(1 * kj::SECONDS);
  CHECK(server.endpoint.counters().halfOpen == 0);
  server.listen();
  CHECK(world.wait(crowd.connect(server)).has_value());
}

}  // namespace
}  // namespace qpq::quic::test
