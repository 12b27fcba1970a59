#include "server/retention.h"

#include <catch2/catch_test_macros.hpp>

#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

struct Two {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());

  const TestDevice& a() const { return alice.device(); }
  const TestDevice& b() const { return bob.device(); }
  void acknowledge(const TestDevice& device, uint64_t seq) {
    world.services().acknowledgements.add(device.entry(), log.id(), seq);
  }
  void write() { world.move(kAcknowledgeDelayMs); }
};

uint64_t prunedTo(const ReadOutcome& outcome) { return as<Pruned>(outcome).record.tbs.seq; }

}  // namespace

TEST_CASE("an entry goes when every device on the roster has acknowledged it") {
  Two two;
  for (int i = 0; i < 4; ++i) as<Appended>(two.log.say(two.a()));
  two.acknowledge(two.a(), 5);
  two.write();
  CHECK(two.log.page(two.b()).entries.size() == 5);
  two.acknowledge(two.b(), 3);
  two.write();
  CHECK(prunedTo(two.log.read(two.b())) == 3);
  CHECK(two.log.page(two.b(), 3).entries.size() == 2);
}

TEST_CASE("the record that pruning leaves is signed, and the chain goes on from it") {
  Two two;
  for (int i = 0; i < 3; ++i) as<Appended>(two.log.say(two.a()));
  two.acknowledge(two.a(), 2);
  two.acknowledge(two.b(), 2);
  two.write();
  auto outcome = two.log.read(two.b());
  const wire::SignedHead& record = as<Pruned>(outcome).record;
  auto info = wire::VerifiedServerInfo::check(two.world.keys().info({}));
  auto attested = wire::Attestation::check(record, *info);
  REQUIRE(attested);
  wire::LogPlace place = attested->place();
  Page rest = two.log.page(two.b(), place.seq);
  for (const auto& entry : rest.entries) place = *place.after(entry.link);
  CHECK(place.head == rest.receipt->leaf.head);
  CHECK(place.commits == rest.receipt->leaf.commits);
}

TEST_CASE("acknowledgements are merged, monotone, and held to what there is") {
  Two two;
  as<Appended>(two.log.say(two.a()));
  two.acknowledge(two.a(), 2);
  two.acknowledge(two.a(), 1);
  two.acknowledge(two.b(), std::numeric_limits<uint64_t>::max());
  two.write();
  CHECK(prunedTo(two.log.read(two.b())) == 2);
  two.acknowledge(two.a(), 0);
  two.write();
  as<Appended>(two.log.say(two.a()));
  two.write();
  // Far above the newest counted as the newest then: the next entry is still there.
  CHECK(two.log.page(two.b(), 2).entries.size() == 1);
}

TEST_CASE("so many acknowledgements wait in memory; what came above that is given again") {
  Two two;
  as<Appended>(two.log.say(two.a()));
  auto& acknowledgements = two.world.services().acknowledgements;
  for (std::size_t i = 0; i < kAcknowledgementsWaitingMax; ++i) {
    acknowledgements.add(two.a().entry(), LogId::random(two.world.random), 1);
  }
  CHECK(acknowledgements.waiting() == kAcknowledgementsWaitingMax);
  for (int i = 0; i < 1'000; ++i) acknowledgements.add(two.a().entry(), LogId::random(two.world.random), 1);
  two.acknowledge(two.a(), 2);
  two.acknowledge(two.b(), 2);
  CHECK(acknowledgements.waiting() == kAcknowledgementsWaitingMax);
  two.write();
  CHECK(acknowledgements.waiting() == 0);
  CHECK(two.log.page(two.b()).entries.size() == 2);
  two.acknowledge(two.a(), 2);
  two.acknowledge(two.b(), 2);
  two.write();
  CHECK(prunedTo(two.log.read(two.b())) == 2);
}

TEST_CASE("who never had rights acknowledges nothing and is not waited for") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  as<Appended>(two.log.say(two.a()));
  two.acknowledge(carol.device(), 2);
  two.acknowledge(two.a(), 2);
  two.write();
  CHECK(two.log.page(two.b()).entries.size() == 2);
  two.acknowledge(two.b(), 2);
  two.write();
  CHECK(prunedTo(two.log.read(two.a())) == 2);
}

TEST_CASE("what a removed device may still read waits for it, and nothing after that does") {
  Two two;
  as<Appended>(two.log.say(two.a()));
  two.log.mustCommit(two.a(), {.removed = {two.b().entry()}});
  as<Appended>(two.log.say(two.a()));
  two.acknowledge(two.a(), 4);
  two.write();
  CHECK(two.log.page(two.b()).entries.size() == 3);
  CHECK(two.log.page(two.b()).ended);
  two.acknowledge(two.b(), std::numeric_limits<uint64_t>::max());
  two.write();
  CHECK(prunedTo(two.log.read(two.a())) == 4);
  CHECK(two.log.page(two.b(), 3).entries.empty());
  CHECK(two.log.page(two.b(), 3).ended);
}

TEST_CASE("what a device has not read of an earlier stretch waits for it beside the later one") {
  Two two;
  as<Appended>(two.log.say(two.a()));
  two.log.mustCommit(two.a(), {.removed = {two.b().entry()}});
  as<Appended>(two.log.say(two.a()));
  two.log.mustCommit(two.a(), {.added = {two.b().entry()}});
  as<Appended>(two.log.say(two.a()));
  two.acknowledge(two.a(), 6);
  two.write();
  Page early = two.log.page(two.b(), 1);
  CHECK(early.entries.size() == 2);
  CHECK(early.more);
  CHECK(!early.ended);
  two.acknowledge(two.b(), 3);
  two.write();
  // The entry said behind its back goes with the ones before it.
  Page late = two.log.page(two.b(), 4);
  CHECK(late.start->tbs.seq == 4);
  CHECK(late.entries.size() == 2);
  CHECK(!late.more);
  two.acknowledge(two.b(), 6);
  two.write();
  CHECK(prunedTo(two.log.read(two.a())) == 6);
}

TEST_CASE("a newcomer does not hold up what came before it") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  as<Appended>(two.log.say(two.a()));
  two.log.mustCommit(two.a(), {.added = {carol.device().entry()}});
  as<Appended>(two.log.say(two.a()));
  two.acknowledge(two.a(), 4);
  two.acknowledge(two.b(), 4);
  two.write();
  CHECK(prunedTo(two.log.read(two.b())) == 2);
  CHECK(two.log.page(carol.device()).start->tbs.seq == 2);
  CHECK(two.log.page(carol.device()).entries.size() == 2);
}

TEST_CASE("rights that begin anew have acknowledged nothing") {
  Two two;
  as<Appended>(two.log.say(two.a()));
  two.acknowledge(two.b(), 2);
  two.write();
  two.log.mustCommit(two.a(), {.removed = {two.b().entry()}, .added = {two.b().entry()}});
  two.acknowledge(two.a(), 3);
  two.write();
  CHECK(two.log.page(two.b()).entries.size() == 1);
}

TEST_CASE("after thirty days an entry goes, acknowledged or not, and what is younger stays") {
  Two two;
  two.world.services().beginSweeping();
  as<Appended>(two.log.say(two.a()));
  two.world.move(10 * kDayMs);
  as<Appended>(two.log.say(two.a()));
  two.world.move(19 * kDayMs);
  CHECK(two.log.page(two.b()).entries.size() == 3);
  two.world.move(2 * kDayMs);
  CHECK(prunedTo(two.log.read(two.b())) == 2);
  CHECK(two.log.page(two.b(), 2).entries.size() == 1);
  two.world.move(10 * kDayMs);
  CHECK(prunedTo(two.log.read(two.b())) == 3);
  // The log lives on.
  as<Appended>(two.log.say(two.b()));
  CHECK(two.log.page(two.a(), 3).entries.size() == 1);
}

TEST_CASE("a clock that is a year ahead for an hour deletes nothing that somebody waits for") {
  Two two;
  constexpr uint64_t kYearMs = 365 * kDayMs;
  as<Kept>(two.world.ask(two.world.services().keyPackages.publish(
      two.b().entry(), {keyPackageOf(two.b(), two.world.clock.now(), 1)}, {})));
  two.world.services().beginSweeping();
  as<Appended>(two.log.say(two.a()));
  two.world.settle();
  two.world.clock.move(kYearMs);
  for (int i = 0; i < 6; ++i) two.world.move(kSweepIntervalMs);
  // Where something may go, not all goes with it.
  two.acknowledge(two.a(), 2);
  two.acknowledge(two.b(), 1);
  two.write();
  CHECK(prunedTo(two.log.read(two.b())) == 1);
  CHECK(two.log.page(two.b(), 1).entries.size() == 1);
  two.world.clock.move(-kYearMs);
  CHECK(two.world.ask(two.world.services().keyPackages.count(two.b().entry())).packages == 1);
  // It grows old all the same.
  two.world.move(29 * kDayMs);
  CHECK(two.log.page(two.b(), 1).entries.size() == 1);
  two.world.move(2 * kDayMs);
  CHECK(prunedTo(two.log.read(two.b())) == 2);
}

TEST_CASE("what came before a server was away for two months waits for half a month of its being there") {
  Two two;
  two.world.services().beginSweeping();
  as<Appended>(two.log.say(two.a()));
  two.world.settle();
  two.world.close();
  two.world.clock.move(60 * kDayMs);
  two.world.restart();
  two.world.services().beginSweeping();
  two.world.move(14 * kDayMs);
  CHECK(two.log.page(two.b()).entries.size() == 2);
  two.world.move(2 * kDayMs);
  CHECK(prunedTo(two.log.read(two.b())) == 2);
}

TEST_CASE("a long backlog is pruned in bounded steps") {
  Two two;
  const uint64_t count = kSweepRowsMax + 20;
  for (uint64_t i = 0; i < count; ++i) {
    two.world.clock.move(kMessagesPerDevice.refillMs);
    as<Appended>(two.log.say(two.a()));
  }
  two.acknowledge(two.a(), count + 1);
  two.acknowledge(two.b(), count + 1);
  two.write();
  CHECK(prunedTo(two.log.read(two.b())) == count + 1);
}
