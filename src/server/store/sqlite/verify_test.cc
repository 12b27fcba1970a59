#include "server/store/sqlite/verify.h"

#include <catch2/catch_test_macros.hpp>

#include "server/retention.h"
#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

// Two people with a log of commits, messages and a leave, part of it pruned.
struct Store {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());

  Store() {
    for (int i = 0; i < 150; ++i) as<Appended>(log.say(i % 2 == 0 ? alice.device() : bob.device()));
    log.mustCommit(alice.device(), {.removed = {bob.device().entry()}, .added = {bob.device().entry()}});
    as<OpenedDirect>(world.ask(world.services().logs.openDirect(alice.account, bob.account, {})));
    as<Kept>(world.ask(world.services().keyPackages.publish(alice.device().entry(),
                                                            {keyPackageOf(alice.device(), world.clock.now(), 1)}, {})));
  }
  void spoil(sql::Sql sql) { REQUIRE(world.database().execute(sql).value() > 0); }
  store::sqlite::Findings verify() {
    sql::Database database = world.database();
    auto findings = store::sqlite::verify(database, world.files());
    REQUIRE(findings);
    return *findings;
  }
};

}  // namespace

TEST_CASE("a store that has been used is sound, also where it was pruned") {
  Store store;
  auto findings = store.verify();
  INFO((findings.damage.empty() ? std::string() : findings.damage.front()));
  CHECK(findings.sound());
  CHECK(findings.accounts == 2);
  CHECK(findings.devices == 2);
  CHECK(findings.logs == 2);
  CHECK(findings.entries == 152);

  for (const auto& person : {&store.alice, &store.bob}) {
    store.world.services().acknowledgements.add(person->device().entry(), store.log.id(), 100);
  }
  store.world.wait(store.world.services().acknowledgements.flush());
  CHECK(store.verify().sound());
  // The oldest marks go with time, those in the middle of a step, too.
  store.spoil("DELETE FROM entry WHERE seq <= 70 OR seq = 90");
  findings = store.verify();
  CHECK(findings.sound());
  CHECK(findings.entries == 81);
}

TEST_CASE("a leave is part of the roster's history") {
  Store store;
  as<Appended>(store.log.send(store.bob.device(), leaveOf(store.log.id(), entryId(7), 2, store.bob.device().entry())));
  CHECK(store.verify().sound());
}

TEST_CASE("every kind of damage is found and named") {
  struct Case {
    sql::Sql spoil;
    const char* finding;
  };
  for (const Case& spoilt : std::initializer_list<Case>{
           {"UPDATE body SET envelope = zeroblob(20) WHERE entry = (SELECT key FROM entry WHERE seq = 50)",
            "entry 50: its envelope is not the one"},
           {"UPDATE body SET welcome = zeroblob(20) WHERE entry = (SELECT key FROM entry WHERE seq = 1)",
            "entry 1: its Welcome is not the one"},
           {"UPDATE entry SET head = zeroblob(32) WHERE seq = 50", "entry 50: head or count does not follow"},
           {"UPDATE entry SET commits = 9 WHERE seq = 64", "entry 64: head or count does not follow"},
           {"UPDATE entry SET kind = 2 WHERE seq = 50", "entry 50: "},
           {"UPDATE entry SET id = zeroblob(16) WHERE seq = 50", "entry 50: "},
           {"DELETE FROM body WHERE entry = (SELECT key FROM entry WHERE seq = 50)",
            "entry 50: its envelope is missing"},
           {"UPDATE log SET head = zeroblob(32) WHERE seq = 152", "its head or count is not that of its newest"},
           {"UPDATE log SET seq = 160 WHERE seq = 152", "entries 153 to 160 are missing"},
           {"UPDATE log SET seq = 151 WHERE seq = 152", "entry 152 lies beyond the newest"},
           {"UPDATE log SET pruned_seq = 60 WHERE seq = 152", "entry 60: the record of what was pruned differs"},
           {"DELETE FROM rights WHERE first = 152", "entry 152 adds a device, but no rights begin there"},
           {"UPDATE rights SET last = 152 WHERE first = 1 AND last IS NULL", "its roster is not the one"},
           {"UPDATE rights SET first = 2 WHERE first = 1 AND last IS NULL", "rights of 1 devices begin at no commit"},
           {"UPDATE rights SET acked = 999 WHERE first = 152", "they name entries the log does not have"},
           {"UPDATE rights SET log = 99 WHERE first = 152", "there is no such log"},
           {"UPDATE entry SET log = 99 WHERE seq = 152", "1 entries whose owner is gone"},
           {"UPDATE account SET name = 'carol' WHERE folded = 'alice'", "its name is none, or is filed under another"},
           {"UPDATE account SET list = zeroblob(40) WHERE folded = 'alice'", "its device list is not one"},
           {"UPDATE account SET vault = zeroblob(40) WHERE folded = 'alice'", "its vault is damaged"},
           {"UPDATE device SET certificate = (SELECT certificate FROM device WHERE key = 1) WHERE key = 2",
            "its certificate is not one of its account"},
           {"DELETE FROM account WHERE folded = 'alice'", "there is no such account"},
           {"UPDATE inbox SET log = 99 WHERE log = 1 AND change = 1", "it lists a log that is gone"},
           {"UPDATE key_package SET account = zeroblob(16)", "1 key packages whose owner is gone"},
           {"UPDATE key_package_seen SET account = zeroblob(16)", "1 marks of key packages whose owner is gone"},
           {"UPDATE direct SET log = zeroblob(16)", "there is no such log of theirs"}}) {
    Store store;
    INFO(std::string(spoilt.spoil.text()));
    store.spoil(spoilt.spoil);
    auto findings = store.verify();
    REQUIRE(!findings.sound());
    std::string all;
    for (const std::string& damage : findings.damage) all += damage + "\n";
    INFO(all);
    CHECK(all.contains(spoilt.finding));
  }
}

TEST_CASE("much damage is told in a bounded number of sentences") {
  Store store;
  store.spoil("UPDATE entry SET head = zeroblob(32)");
  auto findings = store.verify();
  CHECK(findings.damage.size() == store::sqlite::kFindingsMax);
  CHECK(findings.unsaid > 0);
}

TEST_CASE("a store is looked through beside a server that goes on writing") {
  Store store;
  // As the operator's commands do it: over a connection of their own.
  auto beside = sql::Database::open(store.world.folder.file("server.db"), store.world.databaseKey(),
                                    {.access = sql::Access::readOnly});
  REQUIRE(beside);
  auto before = store::sqlite::verify(*beside, store.world.files());
  REQUIRE(before);
  as<Appended>(store.log.say(store.alice.device()));
  auto after = store::sqlite::verify(*beside, store.world.files());
  REQUIRE(after);
  CHECK(after->sound());
  CHECK(after->entries == before->entries + 1);
}
