#include "server/logs.h"

#include <catch2/catch_test_macros.hpp>

#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

struct Three {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestPerson carol = world.register_("carol");

  const TestDevice& a() const { return alice.device(); }
  const TestDevice& b() const { return bob.device(); }
  const TestDevice& c() const { return carol.device(); }

  DirectOutcome open(const TestPerson& opener, const TestPerson& other, std::optional<LogId> replaces = {}) {
    return world.ask(world.services().logs.openDirect(opener.account, other.account, replaces));
  }
  LogId direct(const TestPerson& opener, const TestPerson& other, std::optional<LogId> replaces = {}) {
    auto outcome = open(opener, other, replaces);
    return as<OpenedDirect>(outcome).log;
  }
  IndexPage index(const TestDevice& device, uint64_t since = 0) {
    return world.ask(world.services().logs.index(device.entry(), since));
  }
  HeadOutcome head(const TestDevice& device, const LogId& log, uint64_t at = 0) {
    return world.ask(world.services().logs.head(device.entry(), log, at));
  }
};

}  // namespace

TEST_CASE("a log id is its first creator's, who may say so again") {
  Three three;
  auto create = [&](const TestPerson& person) {
    return three.world.ask(three.world.services().logs.create(person.account, logId(1)));
  };
  CHECK(std::holds_alternative<Created>(create(three.alice)));
  CHECK(std::holds_alternative<Created>(create(three.alice)));
  CHECK(std::holds_alternative<LogTaken>(create(three.bob)));
  three.world.restart();
  CHECK(std::holds_alternative<LogTaken>(create(three.bob)));
}

TEST_CASE("an account begins so many logs a day and not one more") {
  Three three;
  auto create = [&] {
    return three.world.ask(three.world.services().logs.create(three.alice.account, LogId::random(three.world.random)));
  };
  for (uint32_t i = 0; i < kLogsPerAccountAndDay; ++i) REQUIRE(std::holds_alternative<Created>(create()));
  CHECK(as<LogLimit>(create()).perDay == kLogsPerAccountAndDay);
  three.world.move(kDayMs);
  CHECK(std::holds_alternative<Created>(create()));
  // What was begun while a clock was ahead is not of this day.
  three.world.clock.move(-uint64_t{2 * kDayMs});
  CHECK(std::holds_alternative<Created>(create()));
}

TEST_CASE("a pair has one direct log, whoever opens it and however often") {
  Three three;
  LogId log = three.direct(three.alice, three.bob);
  CHECK(three.direct(three.bob, three.alice) == log);
  CHECK(three.direct(three.alice, three.bob) == log);
  CHECK(three.direct(three.alice, three.carol) != log);
  three.world.restart();
  CHECK(three.direct(three.bob, three.alice) == log);
  TestPerson nobody = three.world.stranger("nobody");
  CHECK(std::holds_alternative<NoSuchPartner>(three.open(three.alice, nobody)));
}

TEST_CASE("an account begins so many direct logs at once, and then one each interval") {
  Three three;
  LogId log = three.direct(three.alice, three.bob);
  for (uint32_t i = 1; i < kDirectPerAccount.burst; ++i) log = three.direct(three.alice, three.bob, log);
  for (int i = 0; i < 100; ++i) {
    CHECK(as<TooOften>(three.open(three.alice, three.bob, log)).afterMs == kDirectPerAccount.refillMs);
  }
  // To ask which one there is costs nothing, and others are not held up.
  CHECK(three.direct(three.alice, three.bob) == log);
  three.direct(three.carol, three.alice);
  three.world.move(kDirectPerAccount.refillMs);
  log = three.direct(three.alice, three.bob, log);
  CHECK(std::holds_alternative<TooOften>(three.open(three.alice, three.bob, log)));
}

TEST_CASE("opened from both sides at once it is still one log, and one first commit wins") {
  Three three;
  Services& services = three.world.services();
  auto fromAlice = services.logs.openDirect(three.alice.account, three.bob.account, {});
  auto fromBob = services.logs.openDirect(three.bob.account, three.alice.account, {});
  LogId log = as<OpenedDirect>(three.world.ask(kj::mv(fromAlice))).log;
  CHECK(as<OpenedDirect>(three.world.ask(kj::mv(fromBob))).log == log);

  CommitSpec both{.added = {three.a().entry(), three.b().entry()}};
  wire::Roster empty{log, {}};
  auto commit = [&](const TestDevice& device, uint8_t n) {
    return services.logs.append({device.entry(), log, commitTo(empty, entryId(n), 0, both), Bytes(9), {}});
  };
  auto first = commit(three.a(), 1);
  auto second = commit(three.b(), 2);
  CHECK(std::holds_alternative<Appended>(three.world.ask(kj::mv(first))));
  CHECK(as<Conflict>(three.world.ask(kj::mv(second))) == Conflict{1, 1});
  TestLog asBobSeesIt(three.world, log);
  CHECK(asBobSeesIt.page(three.b()).entries[0].welcome == store::Body(Bytes(9)));
}

TEST_CASE("the log with oneself is one for all of one's devices") {
  Three three;
  three.world.enrol(three.alice);
  LogId log = three.direct(three.alice, three.alice);
  CHECK(three.direct(three.alice, three.alice) == log);
  TestLog own(three.world, log);
  own.mustCommit(three.alice.device(1), {.added = {three.alice.device(1).entry()}});
  CHECK(three.index(three.a()).entries.at(0).direct == three.alice.account);
}

TEST_CASE("nobody outside the pair writes to a direct log or is added to it") {
  Three three;
  TestLog log(three.world, three.direct(three.alice, three.bob));
  CommitSpec carolToo{.added = {three.a().entry(), three.c().entry()}};
  CHECK(std::holds_alternative<NotOnRoster>(log.commit(three.c(), {.added = {three.c().entry()}}, entryId(1))));
  CHECK(as<UnknownDevice>(log.commit(three.a(), carolToo, entryId(1))).deviceList == encode(three.carol.list));
  log.mustCommit(three.b(), {.added = {three.a().entry(), three.b().entry()}});
  auto later = log.commit(three.b(), {.added = {three.c().entry()}}, entryId(2));
  CHECK(std::holds_alternative<UnknownDevice>(later));
}

TEST_CASE("a direct log is replaced once, and the old one says by which") {
  Three three;
  TestLog old(three.world, three.direct(three.alice, three.bob));
  old.mustCommit(three.a(), {.added = {three.a().entry(), three.b().entry()}});
  LogId fresh = three.direct(three.bob, three.alice, old.id());
  CHECK(fresh != old.id());
  CHECK(three.direct(three.alice, three.bob, old.id()) == fresh);
  CHECK(three.direct(three.alice, three.bob) == fresh);
  CHECK(as<Gone>(old.say(three.a())).successor == fresh);
  CHECK(three.index(three.b()).entries.at(0).successor == fresh);
  CHECK(three.direct(three.alice, three.bob, fresh) != fresh);
  // Whoever is not of the old log learns nothing of the new one.
  CHECK(std::holds_alternative<NotOnRoster>(old.say(three.c())));
}

TEST_CASE("the index follows the rosters of all of an account's devices") {
  Three three;
  three.world.enrol(three.bob);
  TestLog log = begin(three.world, 1, {three.a().entry(), three.b().entry()}, three.a());
  auto laptop = three.index(three.b());
  REQUIRE(laptop.entries.size() == 1);
  CHECK(laptop.entries[0].hasRights);
  CHECK(laptop.entries[0].rightsFrom == 1);
  auto phone = three.index(three.bob.device(1));
  REQUIRE(phone.entries.size() == 1);
  CHECK(!phone.entries[0].hasRights);
  CHECK(phone.entries[0].rightsFrom == 0);
  CHECK(three.index(three.c()).entries.empty());

  // Messages change nothing; removal does, once.
  log.say(three.a());
  CHECK(three.index(three.b(), laptop.change).entries.empty());
  log.mustCommit(three.a(), {.removed = {three.b().entry()}});
  auto removed = three.index(three.b(), laptop.change);
  REQUIRE(removed.entries.size() == 1);
  CHECK(!removed.entries[0].hasRights);
  CHECK(removed.entries[0].rightsEnd == 3);
  CHECK(removed.change > laptop.change);
  CHECK(three.index(three.b(), removed.change).change == removed.change);
}

TEST_CASE("a long index comes in pages") {
  Three three;
  for (std::size_t i = 0; i < kIndexEntriesMax + 1; ++i) {
    if (i % kLogsPerAccountAndDay == 0) three.world.move(kDayMs);
    three.world.move(kSecondMs);
    TestLog log(three.world, LogId::random(three.world.random));
    as<Created>(three.world.ask(three.world.services().logs.create(three.alice.account, log.id())));
    log.mustCommit(three.a(), {.added = {three.a().entry()}});
  }
  auto first = three.index(three.a());
  CHECK(first.entries.size() == kIndexEntriesMax);
  CHECK(first.more);
  auto second = three.index(three.a(), first.change);
  CHECK(second.entries.size() == 1);
  CHECK(!second.more);
}

TEST_CASE("who joins reads from the entry that adds it, with the head before it and its Welcome") {
  Three three;
  TestLog log = begin(three.world, 1, {three.a().entry(), three.b().entry()}, three.a());
  log.say(three.a());
  log.mustCommit(three.b(), {.added = {three.c().entry()}});
  log.say(three.c());

  Page page = log.page(three.c());
  REQUIRE(page.entries.size() == 2);
  CHECK(page.entries[0].link.seq == 3);
  CHECK(page.entries[0].welcome.has_value());
  REQUIRE(page.start.has_value());
  wire::LogPlace place{page.start->tbs.seq, page.start->tbs.head, page.start->tbs.commits};
  CHECK(place.seq == 2);
  for (const auto& entry : page.entries) {
    CHECK(entry.link.envelope == crypto::sha256(std::get<Bytes>(entry.envelope)));
    place = *place.after(entry.link);
  }
  CHECK(place.head == page.receipt->leaf.head);
  CHECK(place.commits == page.receipt->leaf.commits);

  // The others see that there is a Welcome and not what is in it.
  auto entries = log.page(three.a(), 2).entries;
  CHECK(entries[0].hasWelcome);
  CHECK(!entries[0].welcome);
  CHECK(!log.page(three.a(), 2).start);
}

TEST_CASE("a removed device reads up to its removal and nothing after it") {
  Three three;
  TestLog log = begin(three.world, 1, {three.a().entry(), three.b().entry()}, three.a());
  log.mustCommit(three.a(), {.removed = {three.b().entry()}});
  log.say(three.a());
  Page page = log.page(three.b());
  CHECK(page.entries.size() == 2);
  CHECK(page.ended);
  CHECK(!page.more);
  CHECK(log.page(three.b(), 2).entries.empty());
  CHECK(log.page(three.b(), 3).entries.empty());
  CHECK(std::holds_alternative<NoRights>(log.read(three.c())));
}

TEST_CASE("added again, rights begin anew; restored, they never ended") {
  Three three;
  TestLog log = begin(three.world, 1, {three.a().entry(), three.b().entry()}, three.a());
  log.mustCommit(three.a(), {.removed = {three.b().entry()}});
  SECTION("restored by a mending commit") {
    log.mustCommit(three.a(), {.restored = {three.b().entry()}});
    CHECK(log.page(three.b()).entries.size() == 3);
    CHECK(three.index(three.b()).entries.at(0).rightsFrom == 1);
  }
  SECTION("added again") {
    log.mustCommit(three.a(), {.added = {three.b().entry()}});
    CHECK(log.page(three.b()).entries.size() == 2);
    Page page = log.page(three.b(), 2);
    CHECK(page.entries.size() == 1);
    CHECK(page.start->tbs.seq == 2);
    CHECK(page.entries[0].welcome.has_value());
  }
  SECTION("removed and added in one commit") {
    log.mustCommit(three.a(), {.added = {three.b().entry()}});
    log.mustCommit(three.a(), {.removed = {three.b().entry()}, .added = {three.b().entry()}});
    CHECK(three.index(three.b()).entries.at(0).rightsFrom == 4);
    CHECK(log.page(three.b(), 2).entries.size() == 1);
    Page page = log.page(three.b(), 3);
    CHECK(page.start->tbs.seq == 3);
    CHECK(page.entries.at(0).welcome.has_value());
  }
}

TEST_CASE("pages are bounded by entries and by bytes, and hold at least one") {
  Three three;
  TestLog log = begin(three.world, 1, {three.a().entry()}, three.a());
  for (int i = 0; i < 5; ++i) as<Appended>(log.say(three.a(), EntryId::random(three.world.random), 10'000));
  CHECK(log.page(three.a(), 0, 2).entries.size() == 2);
  CHECK(log.page(three.a(), 0, 2).more);
  CHECK(log.page(three.a(), 0, 0).entries.size() == 1);
  CHECK(log.page(three.a(), 0, 1'000'000).entries.size() == 6);
  auto bytes = [&](std::size_t most) {
    auto outcome = three.world.ask(three.world.services().logs.read({three.a().entry(), log.id(), 1, 100, most}));
    return as<Page>(outcome).entries.size();
  };
  CHECK(bytes(0) == 1);
  CHECK(bytes(25'000) == 2);
  CHECK(bytes(std::numeric_limits<std::size_t>::max()) == 5);
  CHECK(log.page(three.a(), std::numeric_limits<uint64_t>::max()).entries.empty());
}

TEST_CASE("however many entries are asked for, a page holds so many and says that there are more") {
  Three three;
  TestLog log = begin(three.world, 1, {three.a().entry()}, three.a());
  for (std::size_t i = 0; i < kReadEntriesMax; ++i) {
    three.world.clock.move(kMessagesPerDevice.refillMs);
    as<Appended>(log.say(three.a()));
  }
  for (std::size_t asked : {kReadEntriesMax, kReadEntriesMax + 1, std::size_t{1'000'000}}) {
    Page page = log.page(three.a(), 0, asked);
    CHECK(page.entries.size() == kReadEntriesMax);
    CHECK(page.more);
  }
  CHECK(log.page(three.a(), 0, kReadEntriesMax - 1).entries.size() == kReadEntriesMax - 1);
  CHECK(log.page(three.a(), 1, kReadEntriesMax).entries.size() == kReadEntriesMax);
}

TEST_CASE("the head is signed and open to every device of an account on the roster") {
  Three three;
  TestLog log(three.world, logId(1));
  as<Created>(three.world.ask(three.world.services().logs.create(three.alice.account, log.id())));
  CHECK(as<wire::SignedHead>(three.head(three.a(), log.id())).tbs.seq == 0);
  CHECK(std::holds_alternative<NoRights>(three.head(three.b(), log.id())));
  log.mustCommit(three.a(), {.added = {three.a().entry(), three.b().entry()}});
  three.world.enrol(three.bob);
  auto head = as<wire::SignedHead>(three.head(three.bob.device(1), log.id()));
  CHECK(head.tbs.seq == 1);
  CHECK(head.tbs.commits == 1);
  auto info = wire::VerifiedServerInfo::check(three.world.keys().info({}));
  CHECK(wire::Attestation::check(head, *info));
  log.say(three.a(), entryId(2));
  CHECK(as<wire::SignedHead>(three.head(three.a(), log.id())).tbs.seq == 2);
  auto earlier = as<wire::SignedHead>(three.head(three.a(), log.id(), 1));
  CHECK(earlier.tbs.seq == 1);
  CHECK(earlier.tbs.head == head.tbs.head);
  CHECK(wire::Attestation::check(earlier, *info));
  CHECK(std::holds_alternative<NoSuchEntry>(three.head(three.a(), log.id(), 3)));
  CHECK(std::holds_alternative<NoRights>(three.head(three.c(), log.id(), 1)));
  CHECK(std::holds_alternative<NoRights>(three.head(three.c(), log.id())));
  CHECK(std::holds_alternative<NoRights>(three.head(three.a(), logId(9))));
}

TEST_CASE("a restart keeps logs, rights, heads and the server's identity") {
  Three three;
  TestLog log = begin(three.world, 1, {three.a().entry(), three.b().entry()}, three.a());
  log.say(three.a());
  auto info = three.world.keys().info({});
  Page before = log.page(three.b());
  three.world.restart();
  CHECK(three.world.keys().info({}) == info);
  Page after = log.page(three.b());
  CHECK(after.receipt->leaf == before.receipt->leaf);
  CHECK(after.start->tbs.head == before.start->tbs.head);
  as<Appended>(log.say(three.b()));
  CHECK(log.page(three.a()).entries.size() == 3);
}
