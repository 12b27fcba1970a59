#include "server/observe/readiness.h"

#include <catch2/catch_test_macros.hpp>

#include "server/observe/limits.h"
#include "server/world_test.h"
#include "support/faulty_vfs.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

TEST_CASE("a store whose disk fails is not ready, and is again when the disk is") {
  test::FaultyVfs disk("faulty");
  TestWorld world{{.vfs = "faulty"}};
  loop::LoopWorker worker;
  Readiness readiness(world.services(), worker, world.folder.file("."));
  CHECK(world.wait(readiness.ask()) == Readiness::Verdict::ready);
  Quiet quiet;
  disk.fail({.call = test::FaultyVfs::Call::write,
             .nth = 1,
             .then = test::FaultyVfs::Then::fails,
             .reason = test::FaultyVfs::Reason::fullDisk});
  // For a moment the last answer stands: asking often must not keep the disk busy.
  CHECK(world.wait(readiness.ask()) == Readiness::Verdict::ready);
  world.move(kProbeMemoryMs);
  CHECK(world.wait(readiness.ask()) == Readiness::Verdict::storeUnavailable);
  disk.heal();
  world.move(kProbeMemoryMs);
  CHECK(world.wait(readiness.ask()) == Readiness::Verdict::ready);
}

TEST_CASE("a disk that does not answer in time is not ready") {
  TestWorld world;
  // The room is asked for by a worker whose turn never comes.
  struct Stuck final: public loop::Worker {
    kj::Promise<void> enqueue(kj::Function<void()>) override { return kj::NEVER_DONE; }
  } stuck;
  Readiness readiness(world.services(), stuck, world.folder.file("."));
  auto verdict = readiness.ask();
  CHECK(!verdict.poll(world.waitScope));
  world.move(kProbeMs);
  REQUIRE(verdict.poll(world.waitScope));
  CHECK(verdict.wait(world.waitScope) == Readiness::Verdict::storeUnavailable);
}

TEST_CASE("a folder that is gone has no room") {
  TestWorld world;
  loop::LoopWorker worker;
  Readiness readiness(world.services(), worker, world.folder.file("no/such/folder"));
  CHECK(world.wait(readiness.ask()) == Readiness::Verdict::storeFull);
}
