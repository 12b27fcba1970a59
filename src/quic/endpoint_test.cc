#include "quic/endpoint.h"

#include <catch2/catch_test_macros.hpp>

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

}  // namespace
}  // namespace qpq::quic::test
