#include "seeder.h"

#include <array>
#include <catch2/catch_test_macros.hpp>

#include "lean_device.h"
#include "must.h"
#include "server/store/sqlite/verify.h"
#include "server_process.h"
#include "support/scratch_folder.h"

namespace qpq::bench {

namespace {

struct Seeded {
  ClientLoop clients;
  test::ScratchFolder folder;
  std::filesystem::path data = folder.file("server");
  Seeder seeder{data, clients.random, clients.clock.now()};
  Identity alice = seeder.addAccount("alice");
  Identity bob = seeder.addAccount("bob");

  server::store::Log addTogether() { return seeder.addLog(std::array<const Identity*, 2>{&alice, &bob}); }
  kj::Own<LeanDevice> resume(const ServerProcess& server, const Identity& identity, const LogId& log) {
    return clients.wait(LeanDevice::resume(clients, server.address(), 1, identity, log));
  }
};

TEST_CASE("What the seeder writes is what a server would have written") {
  Seeded world;
  auto log = world.addTogether();
  world.seeder.addMessages(log, 300, 1024);
  auto own = world.seeder.addLog(world.alice);
  world.seeder.addMessages(own, 1, 60'000);
  world.seeder.finish();

  auto settings = must(server::settle({.dataDir = world.data}, {}));
  auto key = must(server::databaseKey(settings, world.clients.random));
  sql::Database database = must(sql::Database::open(settings.dbPath, key.key));
  auto findings = must(server::store::sqlite::verify(database, server::BlobFiles(world.data / "blobs")));
  CHECK(findings.damage == std::vector<std::string>());
  CHECK(findings.accounts == 2);
  CHECK(findings.devices == 2);
  CHECK(findings.logs == 2);
  CHECK(findings.entries == 303);
}

TEST_CASE("A seeded device comes in by its key, is given what waits for it, and appends") {
  Seeded world;
  auto log = world.addTogether();
  world.seeder.addMessages(log, 600, 1024);
  world.seeder.finish();

  ServerProcess server(world.data);
  auto bob = world.resume(server, world.bob, log.id);
  world.clients.wait(bob->follow(0));
  world.clients.wait(bob->reached(601));
  auto alice = world.resume(server, world.alice, log.id);
  world.clients.wait(alice->append(1024));
  world.clients.wait(bob->reached(602));
  CHECK(bob->pushes() > 2);
  CHECK(bob->pushedUpTo() == 602);
}

TEST_CASE("A device that was not seeded is not let in") {
  Seeded world;
  auto log = world.addTogether();
  world.seeder.finish();
  ServerProcess server(world.data);
  Identity stranger = Identity::random("bob", world.clients.random);
  CHECK_THROWS(world.resume(server, stranger, log.id));
}

TEST_CASE("A server that was killed comes back at the same port with what it had acknowledged") {
  Seeded world;
  auto log = world.addTogether();
  world.seeder.finish();
  ServerProcess first(world.data);
  world.clients.wait(world.resume(first, world.alice, log.id)->append(1024));
  first.kill();

  ServerProcess second(world.data, {.port = first.address().port, .core = 0});
  CHECK(second.address() == first.address());
  auto bob = world.resume(second, world.bob, log.id);
  world.clients.wait(bob->follow(0));
  world.clients.wait(bob->reached(2));
  CHECK(bob->pushedUpTo() == 2);
}

}  // namespace

}  // namespace qpq::bench
