#include "sim/world.h"

// A server that was restored from a backup, and the people whose newest messages the backup does not hold.
namespace qpq::sim {
namespace {

using Lines = std::vector<std::string>;

bool sawAlarm(const Person& person, const std::string& part) {
  return std::ranges::any_of(person.events, [&](const client::Event& event) {
    const auto* alarm = std::get_if<client::event::Alarm>(&event);
    return alarm != nullptr && alarm->what.contains(part);
  });
}

struct Three {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  Person& carol = world.person("carol");
  LogId team = [this]() {
    LogId log = world.wait(alice.client().createGroup("team"));
    world.wait(alice.client().invite(log, {"bob", "carol"}));
    world.pass(kSecondMs);
    return log;
  }();
};

TEST_CASE("what the backup lacks is given back by those who have read it, also to who was away") {
  Three three;
  World& world = three.world;
  Person& dave = world.person("dave");
  three.alice.say(three.team, "before");
  world.pass(kSecondMs);
  three.carol.cable.pull();
  world.backUp();
  Lines said{"alice: before"};
  for (int i = 0; i < 300; ++i) {
    three.bob.say(three.team, "after " + std::to_string(i));
    said.push_back("bob: after " + std::to_string(i));
    if (i % 50 == 0) world.pass(10 * kSecondMs);
  }
  world.pass(kMinuteMs);
  world.wait(three.alice.client().invite(three.team, {"dave"}));
  world.pass(kSecondMs);
  dave.say(three.team, "am I in?");
  said.push_back("dave: am I in?");
  world.pass(kSecondMs);

  world.restore(10 * kSecondMs);
  world.pass(kMinuteMs);
  three.carol.cable.plug();
  world.pass(kMinuteMs);
  three.carol.say(three.team, "all of it");
  said.push_back("carol: all of it");
  world.pass(kMinuteMs);
  for (Person* person : {&three.alice, &three.bob, &three.carol}) {
    CAPTURE(person->name);
    auto heard = person->heard(three.team, 1'000);
    CHECK(heard == said);
    CHECK(world.wait(person->client().members(three.team)).size() == 4);
    CHECK(sawAlarm(*person, "restored"));
    CHECK(!sawAlarm(*person, "lost"));
  }
  CHECK(dave.heard(three.team) == Lines{"dave: am I in?", "carol: all of it"});
}

TEST_CASE("a group and a direct conversation begun after the backup begin again with all that was said") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  world.backUp();
  LogId team = world.wait(alice.client().createGroup("team"));
  world.wait(alice.client().invite(team, {"bob"}));
  LogId log = alice.dm(bob);
  alice.say(team, "to the team");
  alice.say(log, "to you");
  world.pass(kSecondMs);
  world.restore(10 * kSecondMs);
  world.pass(kMinuteMs);
  CHECK(bob.dm(alice) == log);
  bob.say(log, "and to you");
  bob.say(team, "thanks");
  world.pass(kMinuteMs);
  CHECK(alice.heard(log) == Lines{"alice: to you", "bob: and to you"});
  CHECK(alice.heard(team) == Lines{"alice: to the team", "bob: thanks"});
}

TEST_CASE("nothing is appended while a restored server waits for what it lacks") {
  Three three;
  World& world = three.world;
  three.carol.cable.pull();
  world.backUp();
  three.alice.say(three.team, "after the backup");
  world.pass(kSecondMs);
  three.alice.cable.pull();
  three.bob.cable.pull();
  world.restore(kMinuteMs);
  // Who has read nothing since the backup is the first to be back, and would take the place of what was said.
  three.carol.cable.plug();
  three.carol.say(three.team, "anybody here?");
  world.pass(30 * kSecondMs);
  three.alice.cable.plug();
  three.bob.cable.plug();
  world.pass(2 * kMinuteMs);
  for (Person* person : {&three.alice, &three.bob, &three.carol}) {
    CHECK(person->heard(three.team) == Lines{"alice: after the backup", "carol: anybody here?"});
  }
}

TEST_CASE("who comes back after others have gone on is told what is lost, and goes on with them") {
  Three three;
  World& world = three.world;
  three.bob.cable.pull();
  three.carol.cable.pull();
  world.backUp();
  three.alice.say(three.team, "only alice has this");
  world.pass(kSecondMs);
  three.alice.cable.pull();
  world.restore(0);
  three.bob.cable.plug();
  three.carol.cable.plug();
  world.pass(kMinuteMs);
  three.bob.say(three.team, "first");
  world.pass(kMinuteMs);
  three.alice.cable.plug();
  world.pass(kMinuteMs);
  CHECK(sawAlarm(three.alice, "are lost"));
  three.alice.say(three.team, "so be it");
  world.pass(kMinuteMs);
  CHECK(three.bob.heard(three.team) == Lines{"bob: first", "alice: so be it"});
  CHECK(three.carol.heard(three.team) == Lines{"bob: first", "alice: so be it"});
  // Nothing the server has is skipped: she reads on from the last place that both know.
  CHECK(three.alice.heard(three.team) == Lines{"alice: only alice has this", "bob: first", "alice: so be it"});
}

TEST_CASE("what was unread when others went on stays unread, and nothing is told twice") {
  Three three;
  World& world = three.world;
  client::Client& alice = three.alice.client();
  auto unread = [&] {
    Lines lines;
    for (const auto& message : world.wait(alice.unread(three.team, 1))) lines.push_back(message.text);
    return lines;
  };
  auto readAll = [&] { world.wait(alice.markRead(three.team, 1'000)); };
  three.bob.cable.pull();
  world.backUp();
  three.carol.say(three.team, "read");
  world.pass(kSecondMs);
  readAll();
  three.carol.say(three.team, "not yet read");
  world.pass(kSecondMs);
  three.alice.cable.pull();
  three.carol.cable.pull();
  world.restore(0);
  three.bob.cable.plug();
  world.pass(kMinuteMs);
  three.bob.say(three.team, "first");
  world.pass(kMinuteMs);
  three.alice.cable.plug();
  world.pass(kMinuteMs);
  CHECK(unread() == Lines{"not yet read"});
  three.bob.say(three.team, "second");
  world.pass(kSecondMs);
  readAll();
  CHECK(unread().empty());
  CHECK(three.alice.heard(three.team) == Lines{"carol: read", "carol: not yet read", "bob: first", "bob: second"});
}

TEST_CASE("the last place in common is found within what was read at once, and nothing is read again") {
  Three three;
  World& world = three.world;
  auto say = [&](const std::string& word, int count) {
    for (int i = 0; i < count; ++i) three.carol.say(three.team, word + " " + std::to_string(i));
    world.pass(kMinuteMs);
  };
  three.alice.cable.pull();
  say("kept", 20);
  three.bob.cable.pull();
  world.backUp();
  say("lost", 20);
  three.alice.cable.plug();
  world.pass(kMinuteMs);
  CHECK(three.alice.heard(three.team, 1'000).size() == 40);
  three.alice.cable.pull();
  three.carol.cable.pull();
  world.restore(0);
  three.bob.cable.plug();
  world.pass(kMinuteMs);
  three.bob.say(three.team, "first");
  world.pass(kMinuteMs);
  three.alice.cable.plug();
  world.pass(kMinuteMs);
  CHECK(three.alice.heard(three.team, 1'000).size() == 41);
  CHECK(three.alice.heard(three.team, 1'000).back() == "bob: first");
  CHECK(std::ranges::none_of(three.alice.events, [](const client::Event& event) {
    return std::holds_alternative<client::event::Unreadable>(event);
  }));
}

TEST_CASE("where nobody has what must come first any more, people go on from what the server has") {
  Three three;
  World& world = three.world;
  world.backUp();
  three.alice.say(three.team, "of long ago");
  world.pass(kMinuteMs);
  for (Person* person : {&three.alice, &three.bob, &three.carol}) person->close();
  world.pass(8 * kDayMs);
  world.restore(0);
  for (Person* person : {&three.alice, &three.bob, &three.carol}) person->open();
  world.pass(kMinuteMs);
  three.bob.say(three.team, "anybody?");
  world.pass(2 * kHourMs);
  for (Person* person : {&three.alice, &three.bob, &three.carol}) {
    CAPTURE(person->name);
    CHECK(person->heard(three.team) == Lines{"alice: of long ago", "bob: anybody?"});
  }
}

TEST_CASE(
    "where commits are missing people wait longer before they give a group up, since somebody may still have them") {
  Three three;
  World& world = three.world;
  Person& dave = world.person("dave");
  world.backUp();
  world.wait(three.alice.client().invite(three.team, {"dave"}));
  world.pass(kMinuteMs);
  for (Person* person : {&three.alice, &three.bob, &three.carol, &dave}) person->close();
  world.pass(8 * kDayMs);
  world.restore(0);
  three.alice.open();
  auto hasLost = [&] { return world.wait(three.alice.client().conversations()).front().lost; };
  world.pass(kDayMs);
  CHECK_FALSE(hasLost());
  CHECK_FALSE(sawAlarm(three.alice, "are lost"));
  world.pass(7 * kDayMs);
  CHECK(hasLost());
  CHECK(sawAlarm(three.alice, "are lost"));
}

TEST_CASE("what was receipted and not yet read back is sent again to a restored server") {
  World world;
  Person& alice = world.person("alice");
  Person& bob = world.person("bob");
  LogId log = alice.dm(bob);
  world.pass(kSecondMs);
  world.backUp();
  bob.cable.pull();
  alice.say(log, "hold on");
  alice.restart();
  world.restore(kSecondMs);
  bob.cable.plug();
  world.pass(kMinuteMs);
  CHECK(bob.heard(log) == Lines{"alice: hold on"});
}

}  // namespace
}  // namespace qpq::sim
