#include "server/store/rights.h"

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;
using wire::Rights;

namespace {

// A log in which device(2) was removed with entry 5 and added again with entry 9.
struct Readded {
  Subject store{anyEngine()};
  Log log = store.write([](Tables& tables) {
    Log log = addLog(tables, 1);
    must(tables.rights.put(log.key, device(1), {1, {}}));
    must(tables.rights.put(log.key, device(2), {2, {}}));
    must(tables.rights.put(log.key, device(2), {2, 5}));
    must(tables.rights.put(log.key, device(2), {9, {}}));
    // Another log's rights are another's.
    must(tables.rights.put(addLog(tables, 2).key, device(3), {1, {}}));
    return log;
  });
};

}  // namespace

TEST_CASE("the newest stretch is a device's, and those without an end are the roster", "[contract]") {
  Readded scene;
  scene.store.read([&](Tables& tables) {
    CHECK(must(tables.rights.find(scene.log.key, device(2))) == Rights{9, {}});
    CHECK(!must(tables.rights.find(scene.log.key, device(3))));
    CHECK(!must(tables.rights.find(scene.log.key, device(2, 2))));
    CHECK(must(tables.rights.holdsAccount(scene.log.key, id<AccountId>(2))));
    CHECK(!must(tables.rights.holdsAccount(scene.log.key, id<AccountId>(3))));
    auto roster = must(tables.rights.roster(scene.log));
    CHECK(roster.log == id<LogId>(1));
    CHECK(roster.entries.values() == std::vector{device(1), device(2)});
  });
  scene.store.write([&](Tables& tables) {
    must(tables.rights.put(scene.log.key, device(2), {9, 12}));
    CHECK(!must(tables.rights.holdsAccount(scene.log.key, id<AccountId>(2))));
    CHECK(must(tables.rights.roster(scene.log)).entries.values() == std::vector{device(1)});
  });
}

TEST_CASE("whoever has read so far goes on in the stretch that holds more", "[contract]") {
  Readded scene;
  scene.store.read([&](Tables& tables) {
    auto next = [&](uint64_t after) { return must(tables.rights.next(scene.log.key, device(2), after)).value(); };
    CHECK(next(0).rights == Rights{2, 5});
    CHECK(!next(4).isLast);
    CHECK(next(5).rights == Rights{9, {}});
    CHECK(next(5).isLast);
    CHECK(next(100).rights == Rights{9, {}});
    CHECK(!must(tables.rights.next(scene.log.key, device(3), 0)));
  });
  scene.store.write([&](Tables& tables) {
    must(tables.rights.put(scene.log.key, device(2), {9, 12}));
    CHECK(must(tables.rights.next(scene.log.key, device(2), 11)));
    CHECK(!must(tables.rights.next(scene.log.key, device(2), 12)));
  });
}

TEST_CASE("a device that is removed and added in one commit has no entry twice", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    Log log = addLog(tables, 1);
    must(tables.rights.put(log.key, device(2), {2, {}}));
    must(tables.rights.put(log.key, device(2), {7, {}}));
    CHECK(must(tables.rights.next(log.key, device(2), 0)).value().rights == Rights{2, 6});
    CHECK(must(tables.rights.next(log.key, device(2), 6)).value().rights == Rights{7, {}});
  });
}

TEST_CASE("acknowledgements only rise, each stretch to its own end", "[contract]") {
  Readded scene;
  scene.store.write([&](Tables& tables) {
    LogKey log = scene.log.key;
    CHECK(must(tables.rights.firstNeeded(log)) == 1);
    CHECK(must(tables.rights.acknowledge(log, device(1), 3)));
    CHECK(!must(tables.rights.acknowledge(log, device(1), 3)));
    CHECK(!must(tables.rights.acknowledge(log, device(1), 2)));
    CHECK(!must(tables.rights.acknowledge(log, device(3), 3)));
    CHECK(must(tables.rights.firstNeeded(log)) == 2);
    CHECK(must(tables.rights.acknowledge(log, device(2), 3)));
    CHECK(must(tables.rights.firstNeeded(log)) == 4);
    CHECK(must(tables.rights.acknowledge(log, device(1), 20)));
    CHECK(must(tables.rights.firstNeeded(log)) == 4);
    CHECK(must(tables.rights.acknowledge(log, device(2), 8)));
    CHECK(must(tables.rights.firstNeeded(log)) == 9);
    CHECK(must(tables.rights.acknowledge(log, device(2), 10)));
    CHECK(must(tables.rights.firstNeeded(log)) == 11);
  });
}

TEST_CASE("what was acknowledged of a stretch stays when its end changes, and a later one begins with nothing",
          "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    LogKey log = addLog(tables, 1).key;
    must(tables.rights.put(log, device(1), {1, {}}));
    CHECK(must(tables.rights.acknowledge(log, device(1), 4)));
    must(tables.rights.put(log, device(1), {1, 6}));
    CHECK(must(tables.rights.firstNeeded(log)) == 5);
    CHECK(must(tables.rights.acknowledge(log, device(1), 6)));
    CHECK(!must(tables.rights.firstNeeded(log)));
    must(tables.rights.put(log, device(1), {8, {}}));
    CHECK(must(tables.rights.firstNeeded(log)) == 8);
  });
}

TEST_CASE("stretches of which nothing is left are forgotten, except each device's newest", "[contract]") {
  Readded scene;
  scene.store.write([&](Tables& tables) {
    LogKey log = scene.log.key;
    must(tables.rights.put(log, device(1), {1, 3}));
    must(tables.rights.forgetUpTo(log, 4));
    CHECK(must(tables.rights.next(log, device(2), 0)).value().rights == Rights{2, 5});
    must(tables.rights.forgetUpTo(log, 5));
    CHECK(must(tables.rights.next(log, device(2), 0)).value().rights == Rights{9, {}});
    CHECK(must(tables.rights.find(log, device(1))) == Rights{1, 3});
  });
}
