#include "server/append.h"

#include <catch2/catch_test_macros.hpp>

#include "server/world_test.h"
#include "wire/limits.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

// Alice and bob, one device each, in a group that begins with entry 1.
struct Two {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());

  const TestDevice& a() const { return alice.device(); }
  const TestDevice& b() const { return bob.device(); }
};

wire::ReceiptLeaf leafOf(const AppendOutcome& outcome) { return as<Appended>(outcome).receipt->leaf; }
std::string rule(const AppendOutcome& outcome) { return as<Malformed>(outcome).what; }

}  // namespace

TEST_CASE("an entry is answered with a receipt that the server's identity vouches for") {
  Two two;
  auto outcome = two.log.say(two.a(), entryId(9));
  const wire::Receipt& receipt = *as<Appended>(outcome).receipt;
  auto info = wire::VerifiedServerInfo::check(two.world.keys().info({}));
  REQUIRE(info);
  auto attestation = wire::Attestation::check(receipt, *info);
  REQUIRE(attestation);
  CHECK(receipt.leaf.seq == 2);
  CHECK(receipt.leaf.commits == 1);
  CHECK(receipt.leaf.id == entryId(9));
  CHECK(receipt.leaf.timeMs == two.world.clock.now().unixMs);

  // The chain is what a reader computes from the pages.
  auto place = wire::LogPlace::start(two.log.id());
  for (const auto& entry : two.log.page(two.b()).entries) place = *place.after(entry.link);
  CHECK(place == attestation->place());
}

TEST_CASE("a known entry id gets its first receipt before anything else is looked at") {
  Two two;
  auto first = leafOf(two.log.say(two.a(), entryId(9)));
  two.world.move(1'000);
  SECTION("the same bytes again") { CHECK(leafOf(two.log.say(two.a(), entryId(9))) == first); }
  SECTION("other bytes") { CHECK(leafOf(two.log.say(two.a(), entryId(9), 99)) == first); }
  SECTION("a count that has passed") {
    two.log.mustCommit(two.a(), {});
    two.log.mustCommit(two.a(), {});
    CHECK(leafOf(two.log.send(two.a(), messageTo(two.log.id(), entryId(9), 1))) == first);
  }
  SECTION("too large") { CHECK(leafOf(two.log.say(two.a(), entryId(9), 100'000)) == first); }
  SECTION("an envelope that breaks a rule") {
    wire::Terms terms{.id = entryId(9), .commitsSeen = 1, .body = wire::ProposalTerms()};  // no leaver
    CHECK(leafOf(two.log.send(two.a(), envelopeOf(two.log.id(), terms))) == first);
  }
  SECTION("a sender who is no longer on the roster") {
    two.log.mustCommit(two.b(), {.removed = {two.a().entry()}});
    CHECK(leafOf(two.log.say(two.a(), entryId(9))) == first);
  }
  SECTION("after a restart") {
    two.world.restart();
    CHECK(leafOf(two.log.say(two.a(), entryId(9))) == first);
  }
  CHECK(two.log.page(two.b()).entries.size() == 2 + (two.log.commits - 1));
}

TEST_CASE("an entry id is remembered for the life of the entry and 30 days more") {
  Two two;
  two.world.services().beginSweeping();
  auto first = leafOf(two.log.say(two.a(), entryId(9)));
  two.world.settle();
  two.world.move(59 * kDayMs);
  CHECK(std::holds_alternative<Pruned>(two.log.read(two.b())));
  CHECK(leafOf(two.log.say(two.a(), entryId(9))) == first);
  two.world.move(2 * kDayMs);
  CHECK(leafOf(two.log.say(two.a(), entryId(9))).seq == 3);
}

TEST_CASE("only success is remembered: a conflict is judged anew") {
  Two two;
  Bytes early = messageTo(two.log.id(), entryId(9), 2);
  CHECK(as<Conflict>(two.log.send(two.a(), early)) == Conflict{1, 1});
  two.log.mustCommit(two.b(), {});
  CHECK(leafOf(two.log.send(two.a(), early)).seq == 3);
}

TEST_CASE("sizes are refused at the limit plus one, far above, and before the bytes are understood") {
  Two two;
  std::size_t overhead = messageTo(two.log.id(), entryId(9), 1, 0).size();
  auto sized = [&](std::size_t size) {
    // One more octet of length stands in the header of a long ciphertext.
    Bytes envelope = messageTo(two.log.id(), EntryId::random(two.world.random), 1, size - overhead - 3);
    REQUIRE(envelope.size() == size);
    return two.log.send(two.a(), envelope);
  };
  CHECK(std::holds_alternative<Appended>(sized(wire::kInlineSizeMax)));
  CHECK(as<TooLarge>(sized(wire::kInlineSizeMax + 1)).limit == wire::kInlineSizeMax);
  CHECK(as<TooLarge>(two.log.send(two.a(), Bytes(20'000'000, 1))).limit == wire::kInlineSizeMax);
  auto bigWelcome = two.log.send(two.a(), commitTo(two.log.roster, entryId(8), 1, {}), Bytes(wire::kInlineSizeMax + 1));
  CHECK(std::holds_alternative<TooLarge>(bigWelcome));
}

TEST_CASE("what is no envelope of this log is malformed and names the rule") {
  Two two;
  CHECK(rule(two.log.send(two.a(), {})) == "malformed");
  CHECK(rule(two.log.send(two.a(), Bytes(50, 1))) == "unknownValue");
  CHECK(rule(two.log.send(two.a(), messageTo(logId(77), entryId(9), 1))) == "otherLog");
  wire::Terms noLeaver{.id = entryId(9), .commitsSeen = 1, .body = wire::ProposalTerms()};
  CHECK(rule(two.log.send(two.a(), envelopeOf(two.log.id(), noLeaver))) == "leaverMissing");
  CHECK(rule(two.log.send(two.a(), leaveOf(two.log.id(), entryId(9), 1, two.b().entry()))) == "leaverDiffers");
  CHECK(two.log.page(two.b()).entries.size() == 1);
}

TEST_CASE("a log that does not exist looks like one whose roster one is not on") {
  Two two;
  TestLog nowhere(two.world, logId(99));
  CHECK(as<NotOnRoster>(nowhere.say(two.a())) == NotOnRoster{0});
  TestPerson carol = two.world.register_("carol");
  CHECK(as<NotOnRoster>(two.log.say(carol.device())) == NotOnRoster{0});
}

TEST_CASE("who is not on the roster learns nothing of the log's count") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  auto outcome = two.log.send(carol.device(), messageTo(two.log.id(), entryId(9), 77));
  CHECK(as<NotOnRoster>(outcome) == NotOnRoster{0});
}

TEST_CASE("every kind must have seen every commit") {
  Two two;
  two.log.mustCommit(two.a(), {});
  two.log.say(two.a());
  Conflict conflict{2, 3};
  CHECK(as<Conflict>(two.log.send(two.b(), messageTo(two.log.id(), entryId(9), 1))) == conflict);
  CHECK(as<Conflict>(two.log.send(two.b(), messageTo(two.log.id(), entryId(9), 3))) == conflict);
  CHECK(as<Conflict>(two.log.send(two.b(), leaveOf(two.log.id(), entryId(9), 1, two.b().entry()))) == conflict);
  CHECK(as<Conflict>(two.log.send(two.b(), commitTo(two.log.roster, entryId(9), 1, {}))) == conflict);
  CHECK(as<Conflict>(two.log.send(two.b(), askIn(two.log.id(), entryId(9), 1, two.b()))) == conflict);
}

TEST_CASE("of two commits for one epoch one wins and the other meets a conflict") {
  Two two;
  Services& services = two.world.services();
  auto commit = [&](const TestDevice& device, uint8_t n) {
    return services.logs.append({device.entry(), two.log.id(), commitTo(two.log.roster, entryId(n), 1, {}), {}, {}});
  };
  auto first = commit(two.a(), 8);
  auto second = commit(two.b(), 9);
  CHECK(leafOf(two.world.ask(kj::mv(first))).commits == 2);
  CHECK(as<Conflict>(two.world.ask(kj::mv(second))) == Conflict{2, 2});
}

TEST_CASE("a roster other than the server's is a conflict") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  auto c = carol.device().entry();
  Conflict conflict{1, 1};
  auto send = [&](const wire::Roster& believed, const CommitSpec& spec) {
    return two.log.send(two.a(), commitTo(believed, entryId(9), 1, spec), spec.added.empty() ? Bytes() : Bytes(9));
  };
  SECTION("another hash after it") {
    wire::Roster believed = two.log.roster;
    believed.entries.set(c);
    CHECK(as<Conflict>(send(believed, {})) == conflict);
  }
  SECTION("removing one who is not there") { CHECK(as<Conflict>(send(two.log.roster, {.removed = {c}})) == conflict); }
  SECTION("adding one who is there") {
    CHECK(as<Conflict>(send(two.log.roster, {.added = {two.b().entry()}})) == conflict);
  }
  SECTION("restoring one who is there") {
    CHECK(as<Conflict>(send(two.log.roster, {.restored = {two.b().entry()}})) == conflict);
  }
  CHECK(two.log.page(two.b()).entries.size() == 1);
}

TEST_CASE("nobody is restored to rights never held") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  auto outcome = two.log.commit(two.a(), {.restored = {carol.device().entry()}}, entryId(9));
  CHECK(rule(outcome) == "neverHadRights");
}

TEST_CASE("a device that is added must exist, be active and be its account's") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  two.world.enrol(carol);
  two.world.revoke(carol, 1);
  auto add = [&](const wire::RosterEntry& device) { return two.log.commit(two.a(), {.added = {device}}, entryId(9)); };
  SECTION("revoked") { CHECK(as<UnknownDevice>(add(carol.device(1).entry())).deviceList == encode(carol.list)); }
  SECTION("of another account") {
    CHECK(as<UnknownDevice>(add({carol.account, two.b().id})).deviceList == encode(carol.list));
  }
  SECTION("of no account") { CHECK(as<UnknownDevice>(add({AccountId(), two.b().id})).deviceList.empty()); }
  SECTION("active") { CHECK(std::holds_alternative<Appended>(add(carol.device(0).entry()))); }
}

TEST_CASE("a Welcome comes exactly with a commit that adds another device") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  CommitSpec adding{.added = {carol.device().entry()}};
  CHECK(rule(two.log.send(two.a(), commitTo(two.log.roster, entryId(9), 1, adding))) == "welcomeMissing");
  CHECK(rule(two.log.send(two.a(), commitTo(two.log.roster, entryId(9), 1, {}), Bytes(9))) == "welcomeUnexpected");
  CHECK(rule(two.log.send(two.a(), messageTo(two.log.id(), entryId(9), 1), Bytes(9))) == "welcomeUnexpected");
  CHECK(std::holds_alternative<Appended>(two.log.commit(two.a(), adding, entryId(9))));
}

TEST_CASE("an append token is a hash and belongs to a commit") {
  Two two;
  auto commit = [&](std::size_t size) {
    return two.log.send(two.a(), commitTo(two.log.roster, entryId(9), 1, {}), {}, Bytes(size, 3));
  };
  CHECK(std::holds_alternative<Malformed>(commit(31)));
  CHECK(std::holds_alternative<Malformed>(commit(33)));
  CHECK(std::holds_alternative<Malformed>(
      two.log.send(two.a(), messageTo(two.log.id(), entryId(9), 1), {}, Bytes(32, 3))));
  CHECK(std::holds_alternative<Appended>(commit(32)));
}

TEST_CASE("the checks come in wire.md's order") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  auto stale = messageTo(two.log.id(), entryId(9), 0);
  SECTION("bytes before rights") { CHECK(std::holds_alternative<Malformed>(two.log.send(carol.device(), Bytes(9)))); }
  SECTION("rights before the count") {
    CHECK(std::holds_alternative<NotOnRoster>(two.log.send(carol.device(), stale)));
  }
  SECTION("the count before devices and Welcome") {
    CommitSpec bad{.added = {{carol.account, two.b().id}}};
    CHECK(std::holds_alternative<Conflict>(two.log.send(two.a(), commitTo(two.log.roster, entryId(9), 0, bad))));
  }
  SECTION("the roster before devices") {
    CommitSpec bad{.removed = {carol.device().entry()}, .added = {{carol.account, two.b().id}}};
    CHECK(std::holds_alternative<Conflict>(two.log.send(two.a(), commitTo(two.log.roster, entryId(9), 1, bad))));
  }
  SECTION("devices before the Welcome") {
    CommitSpec bad{.added = {{carol.account, two.b().id}}};
    CHECK(std::holds_alternative<UnknownDevice>(two.log.send(two.a(), commitTo(two.log.roster, entryId(9), 1, bad))));
  }
  SECTION("the Welcome before the rate") {
    for (uint32_t i = 0; i < kCommitsPerDevice.burst; ++i) two.log.mustCommit(two.b(), {});
    auto none = commitTo(two.log.roster, entryId(9), two.log.commits, {});
    CHECK(std::holds_alternative<TooOften>(two.log.send(two.b(), none)));
    CHECK(std::holds_alternative<Malformed>(two.log.send(two.b(), none, Bytes(9))));
  }
}

TEST_CASE("a log begins with a commit of its creator that names its own device") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  world.enrol(alice);
  TestLog log(world, logId(5));
  as<Created>(world.ask(world.services().logs.create(alice.account, log.id())));
  CHECK(rule(log.say(alice.device())) == "firstNotCommit");
  CHECK(as<NotOnRoster>(log.commit(bob.device(), {.added = {bob.device().entry()}}, entryId(9))) == NotOnRoster{0});
  CHECK(rule(log.commit(alice.device(), {.added = {bob.device().entry()}}, entryId(9))) == "creatorNotAdded");
  // Alone it needs no Welcome, and any device of the creator's account may begin.
  log.mustCommit(alice.device(1), {.added = {alice.device(1).entry()}});
  CHECK(log.page(alice.device(1)).entries.size() == 1);
}

TEST_CASE("who leaves is off the roster with its own entry") {
  Two two;
  auto left = two.log.send(two.b(), leaveOf(two.log.id(), entryId(9), 1, two.b().entry()));
  CHECK(leafOf(left).seq == 2);
  CHECK(leafOf(left).commits == 1);
  CHECK(as<NotOnRoster>(two.log.say(two.b())) == NotOnRoster{2});
  auto page = two.log.page(two.b());
  CHECK(page.entries.size() == 2);
  CHECK(page.ended);
  two.log.say(two.a());
  CHECK(two.log.page(two.b(), 2).entries.empty());
  // The commit that covers it finds the roster as the leave left it.
  two.log.roster.entries = {two.a().entry()};
  two.log.mustCommit(two.a(), {});
}

TEST_CASE("a device asks on behalf of its account's place") {
  Two two;
  const TestDevice& phone = two.world.enrol(two.bob);
  CHECK(as<NotOnRoster>(two.log.say(phone)) == NotOnRoster{0});
  CHECK(leafOf(two.log.send(phone, askIn(two.log.id(), entryId(9), 1, phone))).seq == 2);
  // Another device's certificate is not the session's.
  CHECK(rule(two.log.send(phone, askIn(two.log.id(), entryId(8), 1, two.b()))) == "otherCertificate");
  TestPerson carol = two.world.register_("carol");
  CHECK(as<NotOnRoster>(two.log.send(carol.device(), askIn(two.log.id(), entryId(8), 1, carol.device()))) ==
        NotOnRoster{0});
}

TEST_CASE("three asks a day") {
  Two two;
  const TestDevice& phone = two.world.enrol(two.bob);
  auto ask = [&] { return two.log.send(phone, askIn(two.log.id(), EntryId::random(two.world.random), 1, phone)); };
  for (int i = 0; i < 3; ++i) CHECK(std::holds_alternative<Appended>(ask()));
  CHECK(as<TooOften>(ask()).afterMs == 8 * kHourMs);
  two.world.move(8 * kHourMs);
  CHECK(std::holds_alternative<Appended>(ask()));
  CHECK(std::holds_alternative<TooOften>(ask()));
}

TEST_CASE("messages are refused above their rate, and one device does not spend another's") {
  Two two;
  for (uint32_t i = 0; i < kMessagesPerDevice.burst; ++i) {
    REQUIRE(std::holds_alternative<Appended>(two.log.say(two.a())));
  }
  CHECK(as<TooOften>(two.log.say(two.a())).afterMs == kMessagesPerDevice.refillMs);
  CHECK(std::holds_alternative<Appended>(two.log.say(two.b())));
  two.world.move(kMessagesPerDevice.refillMs);
  CHECK(std::holds_alternative<Appended>(two.log.say(two.a())));
}

TEST_CASE("a full quota refuses messages, never commits") {
  Two two;
  WriteRates rates{.append = {.bytes = RateTable(1'000, kMinuteMs, 16)}};
  auto append = [&](const Bytes& envelope) {
    AppendRequest request{two.a().entry(), two.log.id(), envelope, {}, {}};
    auto transaction = two.world.store().write();
    Write write(transaction->tables(), two.world.files(), rates, two.world.keys(), two.world.clock.now());
    auto outcome = server::append(write, request);
    REQUIRE(outcome.has_value());
    REQUIRE(transaction->commit().has_value());
    return *outcome;
  };
  CHECK(std::holds_alternative<Appended>(append(messageTo(two.log.id(), entryId(8), 1, 500))));
  auto full = as<QuotaFull>(append(messageTo(two.log.id(), entryId(9), 1, 500)));
  CHECK(full.limit == kLogBytesPerDeviceAndDay);
  CHECK(full.used > 500);
  CHECK(std::holds_alternative<Appended>(append(commitTo(two.log.roster, entryId(9), 1, {}))));
  CHECK(std::holds_alternative<Conflict>(append(commitTo(two.log.roster, entryId(7), 1, {}))));
}
