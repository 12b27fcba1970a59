#include <catch2/generators/catch_generators.hpp>

#include "sim/world.h"
#include "support/faulty_vfs.h"

namespace qpq::sim {
namespace {

using Lines = std::vector<std::string>;

// The owner's new group, when everybody in it has heard of it.
LogId begin(World& world, Person& owner, std::vector<std::string> guests) {
  LogId team = world.wait(owner.client().createGroup("team"));
  if (!guests.empty()) world.wait(owner.client().invite(team, std::move(guests)));
  world.pass(kSecondMs);
  return team;
}

TEST_CASE("alice writes to bob, bob answers, and both see the same") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");

  LogId log = alice.dm(bob);
  alice.say(log, "tea at four?");
  world.wait(alice.client().flush(kMinuteMs));
  bob.catchUp();
  CHECK(bob.conversation("alice") == log);
  bob.say(log, "with milk");
  world.wait(bob.client().flush(kMinuteMs));
  alice.catchUp();

  Lines all{"alice: tea at four?", "bob: with milk"};
  CHECK(alice.heard(log) == all);
  CHECK(bob.heard(log) == all);
}

TEST_CASE("when flush has ended, all that it waited for has been told") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId log = alice.dm(bob);
  for (int i = 0; i < 5; ++i) alice.say(log, "again");
  world.wait(alice.client().flush(kMinuteMs));
  auto told = std::ranges::count_if(
      alice.events, [](const client::Event& event) { return std::holds_alternative<client::event::Delivered>(event); });
  CHECK(told == 5);
}

TEST_CASE("what is pushed arrives without being asked for") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId log = alice.dm(bob);
  world.pass(kSecondMs);
  alice.say(log, "are you there?");
  world.pass(kSecondMs);
  CHECK(bob.heard(log) == Lines{"alice: are you there?"});
}

TEST_CASE("three people talk in a group") {
  World world(GENERATE(World::Store::sqlcipher, World::Store::memory));
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  Person& carol = world.person("carol");
  LogId team = begin(world, alice, {"bob", "carol"});
  alice.say(team, "welcome");
  world.pass(kSecondMs);
  bob.say(team, "thanks");
  world.pass(kSecondMs);
  carol.say(team, "hello all");
  world.pass(kSecondMs);
  for (Person* person : {&alice, &bob, &carol}) {
    CHECK(person->heard(team) == Lines{"alice: welcome", "bob: thanks", "carol: hello all"});
    CHECK(world.wait(person->client().members(team)).size() == 3);
    CHECK(person->conversation("team") == team);
  }
}

TEST_CASE("who is away catches up, and what was written offline goes out") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId log = alice.dm(bob);
  world.pass(kSecondMs);
  bob.cable.pull();
  alice.say(log, "one");
  alice.say(log, "two");
  bob.say(log, "written in the tunnel");
  world.pass(kHourMs);
  CHECK(bob.heard(log) == Lines{"bob: written in the tunnel"});
  bob.cable.plug();
  world.pass(5 * kMinuteMs);
  CHECK(alice.heard(log) == Lines{"alice: one", "alice: two", "bob: written in the tunnel"});
  CHECK(bob.heard(log) == alice.heard(log));
}

TEST_CASE("both sides and the server restart, and the conversation goes on") {
  World world(GENERATE(World::Store::sqlcipher, World::Store::memory));
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId log = alice.dm(bob);
  alice.say(log, "before");
  world.pass(kSecondMs);
  bob.restart();
  world.stopServer();
  alice.say(log, "while nobody listens");
  world.pass(kMinuteMs);
  alice.restart();
  world.startServer();
  world.pass(5 * kMinuteMs);
  bob.say(log, "after");
  world.pass(kSecondMs);
  Lines all{"alice: before", "alice: while nobody listens", "bob: after"};
  CHECK(alice.heard(log) == all);
  CHECK(bob.heard(log) == all);
}

TEST_CASE("who was removed reads nothing that is said afterwards") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  Person& carol = world.person("carol");
  LogId team = begin(world, alice, {"bob", "carol"});
  alice.say(team, "for all");
  world.pass(kSecondMs);
  world.wait(alice.client().remove(team, "carol"));
  alice.say(team, "without carol");
  world.pass(kMinuteMs);
  CHECK(bob.heard(team) == Lines{"alice: for all", "alice: without carol"});
  CHECK(carol.heard(team) == Lines{"alice: for all"});
  CHECK(world.refusal(carol.client().send(team, "let me back")).code == client::ErrorCode::notMember);
}

TEST_CASE("who comes back reads what is said from then on") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId team = begin(world, alice, {"bob"});
  world.wait(alice.client().remove(team, "bob"));
  alice.say(team, "behind his back");
  world.pass(kMinuteMs);
  world.wait(alice.client().invite(team, {"bob"}));
  alice.say(team, "welcome back");
  world.pass(kMinuteMs);
  CHECK(bob.heard(team) == Lines{"alice: welcome back"});
  bob.say(team, "good to be here");
  world.pass(kMinuteMs);
  CHECK(alice.heard(team).back() == "bob: good to be here");
}

TEST_CASE("who was removed and added again while away reads from there on") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId team = begin(world, alice, {"bob"});
  bob.cable.pull();
  alice.say(team, "before you go");
  world.pass(kHourMs);
  world.wait(alice.client().remove(team, "bob"));
  alice.say(team, "behind his back");
  world.pass(kHourMs);
  world.wait(alice.client().invite(team, {"bob"}));
  alice.say(team, "welcome back");
  world.pass(kHourMs);
  bob.cable.plug();
  world.pass(5 * kMinuteMs);
  CHECK(bob.heard(team) == Lines{"alice: before you go", "alice: welcome back"});
}

TEST_CASE("who was removed while away reads what was said before, hours later too") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  Person& carol = world.person("carol");
  LogId team = begin(world, alice, {"bob", "carol"});
  bob.cable.pull();
  alice.say(team, "for all three");
  world.pass(kHourMs);
  world.wait(alice.client().remove(team, "bob"));
  alice.say(team, "not for bob");
  world.pass(kHourMs);
  bob.cable.plug();
  world.pass(5 * kMinuteMs);
  CHECK(bob.heard(team) == Lines{"alice: for all three"});
  CHECK(carol.heard(team) == Lines{"alice: for all three", "alice: not for bob"});
  CHECK(world.refusal(bob.client().send(team, "let me in")).code == client::ErrorCode::notMember);
}

TEST_CASE("who was added and removed while away reads what was said in between") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId team = begin(world, alice, {});
  bob.cable.pull();
  world.wait(alice.client().invite(team, {"bob"}));
  alice.say(team, "for bob");
  world.pass(kHourMs);
  world.wait(alice.client().remove(team, "bob"));
  alice.say(team, "not for bob");
  world.pass(kHourMs);
  bob.cable.plug();
  world.pass(5 * kMinuteMs);
  CHECK(bob.heard(team) == Lines{"alice: for bob"});
}

TEST_CASE("one leaves while another writes") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  Person& carol = world.person("carol");
  LogId team = begin(world, alice, {"bob", "carol"});
  auto leaving = bob.client().leave(team);
  carol.say(team, "stay!");
  world.wait(kj::mv(leaving));
  world.pass(kMinuteMs);
  alice.say(team, "two of us");
  world.pass(kMinuteMs);
  CHECK(carol.heard(team) == Lines{"carol: stay!", "alice: two of us"});
  CHECK(world.wait(carol.client().members(team)).size() == 2);
  for (const std::string& line : bob.heard(team)) CHECK(line != "alice: two of us");
}

TEST_CASE("two who open a conversation with each other at the same moment share one") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  auto mine = alice.client().openDirect("bob");
  auto his = bob.client().openDirect("alice");
  LogId log = world.wait(kj::mv(mine));
  CHECK(world.wait(kj::mv(his)) == log);
  world.pass(kSecondMs);
  alice.say(log, "you too?");
  bob.say(log, "me too");
  world.pass(kMinuteMs);
  CHECK(alice.heard(log).size() == 2);
  CHECK(alice.heard(log) == bob.heard(log));
}

TEST_CASE("what a full disk could not take is not acknowledged, and read when there is room again") {
  // Somewhere within coming back and storing a page of three.
  auto nth = GENERATE(1u, 12u, 18u, 24u);
  test::FaultyVfs disk("sim-full-disk");
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob", disk.name());
  LogId log = alice.dm(bob);
  world.pass(kSecondMs);
  bob.cable.pull();
  for (const char* text : {"one", "two", "three"}) alice.say(log, text);
  world.pass(kMinuteMs);
  disk.fail({.call = test::FaultyVfs::Call::write,
             .nth = nth,
             .then = test::FaultyVfs::Then::fails,
             .reason = test::FaultyVfs::Reason::fullDisk});
  bob.cable.plug();
  world.pass(2 * kMinuteMs);
  REQUIRE(disk.struck());
  CHECK(bob.heard(log).size() < 3);
  disk.heal();
  world.pass(5 * kMinuteMs);
  CHECK(bob.heard(log) == Lines{"alice: one", "alice: two", "alice: three"});
  auto told = std::ranges::count_if(
      bob.events, [](const client::Event& event) { return std::holds_alternative<client::event::Message>(event); });
  CHECK(told == 3);
}

TEST_CASE("wrong names and passwords are refused in words") {
  World world;
  Person& alice = world.person("alice");
  CHECK(world.refusal(alice.client().openDirect("nobody")).code == client::ErrorCode::noSuchUser);
  CHECK(world.refusal(alice.client().openDirect("not a name")).code == client::ErrorCode::badInput);
  CHECK(world.refusal(alice.client().send(LogId::random(world.random), "x")).code ==
        client::ErrorCode::noSuchConversation);
  LogId notes = world.wait(alice.client().openDirect("alice"));
  CHECK(world.refusal(alice.client().send(notes, std::string(100'000, 'x'))).code == client::ErrorCode::tooLarge);
}

// What this person was told could not be read of a conversation.
std::vector<client::Cause> unreadable(const Person& person, const LogId& log) {
  std::vector<client::Cause> causes;
  for (const client::Event& event : person.events) {
    const auto* told = std::get_if<client::event::Unreadable>(&event);
    if (told != nullptr && told->log == log) causes.push_back(told->cause);
  }
  return causes;
}

TEST_CASE("a device away for 31 days reads over what is gone, and must be added again where a change is among it") {
  using Causes = std::vector<client::Cause>;
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  Person& carol = world.person("carol");
  LogId quiet = world.wait(alice.client().createGroup("quiet"));
  LogId team = world.wait(alice.client().createGroup("team"));
  for (const LogId& log : {quiet, team}) world.wait(alice.client().invite(log, {"bob", "carol"}));
  world.pass(kSecondMs);
  for (const LogId& log : {quiet, team}) alice.say(log, "before");
  world.pass(kMinuteMs);

  bob.close();
  for (const LogId& log : {quiet, team}) {
    alice.say(log, "while he is away");
    world.pass(kSecondMs);
    carol.say(log, "he misses this");
  }
  world.person("dave");
  world.wait(alice.client().invite(team, {"dave"}));
  world.pass(31 * kDayMs);
  for (const LogId& log : {quiet, team}) alice.say(log, "a month later");
  world.pass(kMinuteMs);
  CHECK(carol.heard(team) ==
        Lines{"alice: before", "alice: while he is away", "carol: he misses this", "alice: a month later"});

  bob.open();
  world.pass(kMinuteMs);
  CHECK(unreadable(bob, quiet) == Causes{client::Cause::expired});
  CHECK(bob.heard(quiet) == Lines{"alice: before", "alice: a month later"});
  bob.say(quiet, "back again");
  world.pass(kMinuteMs);
  CHECK(alice.heard(quiet).back() == "bob: back again");

  // The gap, and the message behind it.
  CHECK(unreadable(bob, team) == Causes{client::Cause::lostState, client::Cause::lostState});
  CHECK(bob.heard(team) == Lines{"alice: before"});
  client::Error refused = world.refusal(bob.client().send(team, "hello?"));
  CHECK(refused.code == client::ErrorCode::notMember);
  CHECK(refused.hint == "Ask a member to remove you and invite you again.");
  world.wait(alice.client().remove(team, "bob"));
  world.wait(alice.client().invite(team, {"bob"}));
  alice.say(team, "welcome back");
  world.pass(kMinuteMs);
  CHECK(bob.heard(team) == Lines{"alice: before", "alice: welcome back"});
}

}  // namespace
}  // namespace qpq::sim
