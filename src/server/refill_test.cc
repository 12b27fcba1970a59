#include "server/refill.h"

#include <catch2/catch_test_macros.hpp>

#include "server/admin/stored.h"
#include "server/limits.h"
#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

RefilledEntry refilled(const store::Entry& entry) {
  auto welcome = entry.hasWelcome ? std::optional(entry.link.welcome) : std::nullopt;
  return {entry.link.seq, entry.link.kind, entry.link.id, std::get<Bytes>(entry.envelope), welcome, {}};
}

// Alice and bob in a group; what is said after backUp() is on no backup, and alice holds the page of it.
struct Restored {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry()}, alice.device());
  StorePlace place{world.folder.file("server.db"), world.folder.file("blobs")};
  std::string copy = world.folder.file("copy.db");
  std::optional<Page> held;

  void backUp() { REQUIRE(server::backUp(place, world.databaseKey(), copy).exit == 0); }
  void restore(uint64_t refillWindowMs = 0) {
    held = log.page(alice.device());
    world.close();
    Restoring restoring{Replace::yes, refillWindowMs};
    REQUIRE(server::restore(copy, place, world.databaseKey(), restoring, world.random).exit == 0);
    world.restart();
  }
  // What alice would bring from the entry `first` on.
  RefillRequest brought(uint64_t first) {
    RefillRequest request{alice.account, log.id(), {}, {}, held->receipt.value()};
    for (const store::Entry& entry : held->entries) {
      if (entry.link.seq >= first) request.entries.push_back(refilled(entry));
    }
    return request;
  }
  RefillOutcome refill(RefillRequest request) { return world.ask(world.services().logs.refill(std::move(request))); }
  wire::LogPlace newest() { return placeOf(held->receipt->leaf); }
  static wire::LogPlace placeOf(const wire::ReceiptLeaf& leaf) { return {leaf.seq, leaf.head, leaf.commits}; }
};

}  // namespace

TEST_CASE("entries a restored server had acknowledged are taken back, with the rights they give") {
  Restored scene;
  scene.backUp();
  scene.log.say(scene.alice.device(), entryId(2));
  scene.log.mustCommit(scene.alice.device(), {.added = {scene.bob.device().entry()}});
  scene.log.say(scene.bob.device(), entryId(4));
  scene.restore();

  auto asked = scene.brought(99);
  CHECK(std::get<RefillBeginAt>(scene.refill(asked)).newest.seq == 1);
  CHECK(std::get<RefillComplete>(scene.refill(scene.brought(2))).newest == scene.newest());
  // Twice is as good as once.
  CHECK(std::get<RefillComplete>(scene.refill(scene.brought(2))).newest == scene.newest());
  CHECK(std::get<RefillComplete>(scene.refill(asked)).newest == scene.newest());

  Page page = scene.log.page(scene.bob.device());
  REQUIRE(page.entries.size() == 2);
  CHECK(page.entries.back().link.id == entryId(4));
  CHECK(std::holds_alternative<Appended>(scene.log.say(scene.bob.device(), entryId(5))));
  // A repeated append of what was taken back is known.
  CHECK(std::get<Appended>(scene.log.say(scene.alice.device(), entryId(2))).receipt->leaf.seq == 2);
  scene.world.close();
  auto verified = verifyStore(scene.place, scene.world.databaseKey(), Beside::nobody);
  INFO(verified.text);
  CHECK(verified.exit == 0);
}

TEST_CASE("a log begun after the backup begins again") {
  Restored scene;
  scene.backUp();
  TestLog later =
      begin(scene.world, 2, {scene.alice.device().entry(), scene.bob.device().entry()}, scene.alice.device());
  Page page = later.page(scene.bob.device());
  RefillRequest request{scene.bob.account, later.id(), {}, {refilled(page.entries.front())}, page.receipt.value()};
  scene.restore();
  CHECK(std::holds_alternative<RefillComplete>(scene.refill(request)));
  CHECK(later.page(scene.bob.device()).entries.size() == 1);
  CHECK(std::holds_alternative<Appended>(later.say(scene.alice.device(), entryId(9))));
}

TEST_CASE("a direct log is not begun again where its pair has another by now") {
  Restored scene;
  scene.backUp();
  auto open = [&]() {
    auto opened =
        scene.world.ask(scene.world.services().logs.openDirect(scene.alice.account, scene.bob.account, std::nullopt));
    return std::get<OpenedDirect>(opened).log;
  };
  TestLog first(scene.world, open());
  first.mustCommit(scene.alice.device(), {.added = {scene.alice.device().entry(), scene.bob.device().entry()}});
  Page page = first.page(scene.bob.device());
  RefillRequest request{
      scene.bob.account, first.id(), scene.alice.account, {refilled(page.entries.front())}, page.receipt.value()};
  scene.restore();
  SECTION("it has none") {
    CHECK(std::holds_alternative<RefillComplete>(scene.refill(request)));
    CHECK(open() == first.id());
  }
  SECTION("it has one") {
    LogId second = open();
    CHECK(std::holds_alternative<RefillDiffers>(scene.refill(request)));
    CHECK(open() == second);
  }
}

TEST_CASE("a group is not begun again as the direct log of two people") {
  Restored scene;
  TestPerson carol = scene.world.register_("carol");
  scene.backUp();
  TestLog team = begin(scene.world, 2, {scene.alice.device().entry(), carol.device().entry()}, scene.alice.device());
  Page page = team.page(carol.device());
  RefillRequest request{
      scene.bob.account, team.id(), scene.alice.account, {refilled(page.entries.front())}, page.receipt.value()};
  scene.restore();
  CHECK(std::holds_alternative<Malformed>(scene.refill(request)));
  request.account = carol.account;
  CHECK(std::holds_alternative<RefillComplete>(scene.refill(request)));
}

TEST_CASE("what the server has not said is not taken") {
  Restored scene;
  scene.backUp();
  for (uint8_t n = 2; n < 6; ++n) scene.log.say(scene.alice.device(), entryId(n));
  scene.restore();
  auto request = scene.brought(2);
  SECTION("a receipt of another server") {
    std::vector leaves{request.receipt.leaf};
    crypto::Ed25519Key key(scene.world.random.secret<32>());
    request.receipt = wire::signFlush({1, key}, leaves).front();
    CHECK(std::holds_alternative<RefillUnproven>(scene.refill(request)));
  }
  SECTION("a leaf changed under its signature") {
    request.receipt.leaf.seq += 1;
    CHECK(std::holds_alternative<RefillUnproven>(scene.refill(request)));
  }
  SECTION("other bytes in an entry") {
    request.entries[1].envelope = messageTo(scene.log.id(), entryId(3), 1, 40);
    CHECK(std::holds_alternative<RefillUnproven>(scene.refill(request)));
  }
  SECTION("bytes that are no envelope") {
    request.entries[1].envelope = Bytes(10);
    CHECK(std::holds_alternative<Malformed>(scene.refill(request)));
  }
  SECTION("an entry left out") {
    request.entries.erase(request.entries.begin() + 1);
    CHECK(std::holds_alternative<Malformed>(scene.refill(request)));
  }
  SECTION("entries that end before the receipt") {
    request.entries.pop_back();
    CHECK(std::holds_alternative<RefillUnproven>(scene.refill(request)));
  }
  SECTION("entries that begin too late") {
    request.entries.erase(request.entries.begin());
    CHECK(std::holds_alternative<RefillBeginAt>(scene.refill(request)));
  }
  SECTION("a Welcome that is not the one of its hash") {
    request.entries[0].welcomeHash = wire::Hash{};
    request.entries[0].welcome = Bytes(3);
    CHECK(std::holds_alternative<Malformed>(scene.refill(request)));
  }
  SECTION("for another log") {
    request.log = logId(7);
    CHECK(std::holds_alternative<Malformed>(scene.refill(request)));
  }
  CHECK(scene.log.page(scene.alice.device()).entries.size() == 1);
}

TEST_CASE("a log that has gone on without what is brought says so") {
  Restored scene;
  scene.backUp();
  scene.log.say(scene.alice.device(), entryId(2));
  scene.restore();
  auto other = std::get<Appended>(scene.log.say(scene.alice.device(), entryId(3))).receipt->leaf;
  CHECK(std::get<RefillDiffers>(scene.refill(scene.brought(2))).newest == Restored::placeOf(other));
}

TEST_CASE("a restored server appends nothing until its window for refills is over, and restarts do not begin it anew") {
  Restored scene;
  scene.backUp();
  scene.restore(kMinuteMs);
  CHECK(std::get<TooOften>(scene.log.say(scene.alice.device(), entryId(2))).afterMs == kMinuteMs);
  scene.world.move(kMinuteMs - 1);
  scene.world.restart();
  CHECK(std::get<TooOften>(scene.log.say(scene.alice.device(), entryId(2))).afterMs == 1);
  scene.world.move(1);
  CHECK(std::holds_alternative<Appended>(scene.log.say(scene.alice.device(), entryId(2))));
}

TEST_CASE("a restored server has no key packages that may be spent") {
  Restored scene;
  auto& packages = scene.world.services().keyPackages;
  const TestDevice& device = scene.bob.device();
  auto now = scene.world.clock.now();
  scene.world.ask(packages.publish(device.entry(), {keyPackageOf(device, now, 1)}, keyPackageOf(device, now, 2)));
  scene.backUp();
  scene.restore();
  auto kept = scene.world.ask(scene.world.services().keyPackages.count(device.entry()));
  CHECK(kept.packages == 0);
  CHECK(kept.lastResort);
}

TEST_CASE("a clock that was ahead at the first start does not hold appends up for as long") {
  Restored scene;
  scene.backUp();
  scene.world.move(365 * kDayMs);
  scene.restore(kMinuteMs);
  scene.world.clock.move(0 - 365 * kDayMs);
  CHECK(std::holds_alternative<Appended>(scene.log.say(scene.alice.device(), entryId(2))));
}
