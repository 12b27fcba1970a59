#include "client/core/scene_test.h"
#include "support/faulty_vfs.h"

// Races, crashes and repetitions: one order, nothing lost, nothing twice.
namespace qpq::client::core::scene {

using Texts = std::vector<std::string>;

TEST_CASE("a retry sends the same bytes, also after a restart") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  auto first = scene.alice.next(log);
  REQUIRE(first);
  auto again = scene.alice.next(log);
  CHECK((again && again->envelope == first->envelope && again->welcome == first->welcome));
  scene.alice.restart();
  again = scene.alice.next(log);
  CHECK((again && again->envelope == first->envelope && again->welcome == first->welcome));
  CHECK(again->tokenHash == first->tokenHash);
  scene.run();
  scene.alice.say(log, "hello");
  auto text = scene.alice.next(log);
  scene.alice.restart();
  auto textAgain = scene.alice.next(log);
  CHECK((text && textAgain && text->envelope == textAgain->envelope && text->id == textAgain->id));
}

TEST_CASE("while an own commit is undecided nothing else of its log goes out") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.alice.core().rename(log, "coffee"));
  scene.alice.say(log, "hello");
  CHECK(scene.alice.sendNext(log));
  CHECK_FALSE(scene.alice.sendNext(log));  // receipted, not read back
  scene.alice.readAll();
  CHECK(scene.alice.sendNext(log));
}

TEST_CASE("texts go out one behind the other without waiting for their echo") {
  Scene scene;
  LogId log = scene.group("tea");
  for (const char* text : {"one", "two", "three"}) scene.alice.say(log, text);
  for (int i = 0; i < 3; ++i) CHECK(scene.alice.sendNext(log));
  CHECK_FALSE(scene.alice.sendNext(log));
  scene.run();
  CHECK(scene.bob.shown == Texts{"one", "two", "three"});
}

TEST_CASE("a text overtaken by a commit is encrypted anew under its own id") {
  Scene scene;
  LogId log = scene.group("tea");
  scene.bob.say(log, "hello");
  auto before = scene.bob.next(log);
  must(scene.alice.core().rename(log, "coffee"));
  scene.alice.run();
  REQUIRE(before);
  CHECK(std::holds_alternative<Conflict>(scene.server.append(scene.bob.self(), *before)));
  CHECK(scene.bob.next(log)->envelope == before->envelope);  // nothing read yet: the same bytes
  scene.bob.readAll();
  auto after = scene.bob.next(log);
  REQUIRE(after);
  CHECK((after->id == before->id && after->envelope != before->envelope));
  scene.run();
  CHECK(scene.alice.shown == Texts{"hello"});
}

TEST_CASE("of two commits for one place one wins and the other's wish is carried out behind it") {
  Scene scene;
  LogId log = scene.group("tea");
  Device laptop(scene.server, scene.clock, 9);
  laptop.signIn("alice", scene.alice.accountSeed());
  must(scene.alice.core().invite(log, {scene.server.take("alice", scene.alice.self().device)}));
  scene.run();
  laptop.run();
  must(scene.alice.core().rename(log, "coffee"));
  must(laptop.core().remove(log, scene.bob.self().account));
  auto renaming = scene.alice.next(log);
  auto removing = laptop.next(log);
  REQUIRE((renaming && removing));
  CHECK(std::holds_alternative<Bytes>(scene.server.append(laptop.self(), *removing)));
  CHECK(std::holds_alternative<Conflict>(scene.server.append(scene.alice.self(), *renaming)));
  scene.run();
  laptop.run();
  scene.run();
  CHECK(must(scene.carol.core().conversations()).at(0).title == "coffee");
  CHECK(must(scene.carol.core().members(log)).size() == 2);
  CHECK(scene.alice.alarms() + scene.carol.alarms() + laptop.alarms() == 0);
}

TEST_CASE("a wish somebody else has carried out already settles without a commit") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.alice.core().invite(log, {scene.server.take("bob")}));
  std::size_t before = scene.server.size(log);
  scene.run();
  CHECK(scene.server.size(log) == before);
  CHECK_FALSE(scene.alice.settled.back().problem);
  CHECK(must(scene.alice.core().counts()).queued == 0);
}

TEST_CASE("a message that was stored, never read back and pruned since is known by its receipt") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  scene.run();
  scene.alice.say(log, "still here?");
  REQUIRE(scene.alice.sendNext(log, Device::Ack::lost));
  scene.bob.run();
  scene.bob.say(log, "always");
  scene.bob.run();
  scene.server.prune(log, scene.server.size(log) - 1);
  scene.alice.restart();
  scene.run();
  CHECK(must(scene.alice.core().counts()).queued == 0);
  CHECK(scene.alice.seen<event::Delivered>().size() == 1);
  CHECK(scene.alice.seen<event::Alarm>().empty());
  CHECK(scene.bob.shown == Texts{"still here?"});
  CHECK(scene.alice.shown == Texts{"always"});
  scene.alice.say(log, "good");
  scene.run();
  CHECK(scene.bob.shown == Texts{"still here?", "good"});
}

TEST_CASE("pages may come again and overlap") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  scene.run();
  for (const char* text : {"one", "two", "three"}) scene.alice.say(log, text);
  scene.alice.run();
  auto all = scene.server.read(scene.bob.self(), log, 0);
  auto most = scene.server.read(scene.bob.self(), log, 1, 2);
  REQUIRE((all && most));
  for (const Page& page : {*most, *all, *most, *all}) scene.bob.note(must(scene.bob.core().receive(page)));
  CHECK(scene.bob.shown == Texts{"one", "two", "three"});
  CHECK(scene.bob.alarms() == 0);
}

TEST_CASE("every step may be a device's last: it goes on from its disk, loses nothing and shows nothing twice") {
  Scene scene;
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) device->becomeRestless();
  LogId log = scene.alice.dm("bob");
  scene.alice.say(log, "hello bob");
  scene.run();
  scene.bob.say(log, "hello alice");
  scene.run();
  LogId tea = scene.group("tea");
  scene.carol.say(tea, "one");
  scene.bob.say(tea, "two");
  scene.run();
  must(scene.alice.core().remove(tea, scene.bob.self().account));
  scene.carol.say(tea, "three");
  scene.run();
  must(scene.carol.core().leave(tea));
  scene.run();
  CHECK(scene.bob.texts(log) == Texts{"alice: hello bob", "bob: hello alice"});
  CHECK(scene.alice.texts(log) == scene.bob.texts(log));
  CHECK(scene.alice.shown.size() == 4);
  CHECK(scene.carol.shown.size() == 1);
  CHECK(must(scene.alice.core().members(tea)).size() == 1);
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    CHECK(device->alarms() == 0);
    CHECK(must(device->core().counts()).queued == 0);
  }
}

TEST_CASE("a key package is used up by the join, and by nothing else") {
  Scene scene;
  Invitation bob = scene.server.take("bob");
  LogId first = must(scene.alice.core().beginGroup("first")).log;
  must(scene.alice.core().invite(first, {bob}));
  LogId second = must(scene.carol.core().beginGroup("second")).log;
  must(scene.carol.core().invite(second, {bob}));
  scene.run();
  CHECK(must(scene.bob.core().members(first)).size() == 2);
  CHECK(must(scene.bob.core().members(second)).empty());
  auto unreadable = scene.bob.seen<event::Unreadable>();
  REQUIRE(unreadable.size() == 1);
  CHECK((unreadable[0].log == second && unreadable[0].cause == Cause::lostKeyPackage));
}

TEST_CASE("the last-resort key package may be used again") {
  Scene scene;
  Invitation bob{scene.server.lookup("bob"), {must(scene.bob.core().makeLastResort())}};
  LogId first = must(scene.alice.core().beginGroup("first")).log;
  must(scene.alice.core().invite(first, {bob}));
  LogId second = must(scene.carol.core().beginGroup("second")).log;
  must(scene.carol.core().invite(second, {bob}));
  scene.run();
  CHECK(must(scene.bob.core().members(first)).size() == 2);
  CHECK(must(scene.bob.core().members(second)).size() == 2);
}

TEST_CASE("a gap of pruned messages is told and read over; a gap with a commit in it is the end of this state") {
  Scene scene;
  LogId log = scene.group("tea");
  for (const char* text : {"one", "two", "three"}) scene.alice.say(log, text);
  scene.alice.run();
  scene.server.prune(log, scene.server.size(log) - 1);
  scene.bob.run();
  CHECK(scene.bob.shown == Texts{"three"});
  CHECK(scene.bob.seen<event::Unreadable>().at(0).cause == Cause::expired);
  must(scene.alice.core().rename(log, "coffee"));
  scene.alice.run();
  scene.alice.say(log, "four");
  scene.alice.run();
  scene.server.prune(log, scene.server.size(log) - 1);
  scene.bob.run();
  CHECK(scene.bob.shown == Texts{"three"});
  CHECK(scene.bob.seen<event::Unreadable>().at(1).cause == Cause::lostState);
  CHECK(refusal(scene.bob.core().send(log, "hello?")) == ErrorCode::notMember);
}

TEST_CASE("a disk that fails at any write or sync loses nothing and shows nothing twice") {
  using test::FaultyVfs;
  for (auto call : {FaultyVfs::Call::write, FaultyVfs::Call::sync}) {
    for (uint64_t nth = 1; nth <= 9; ++nth) {
      INFO("call " << nth);
      FaultyVfs disk("faulty-core");
      MovedClock clock;
      Server server(clock);
      Device alice(server, clock, 1);
      Device bob(server, clock, 2, disk.name());
      alice.signUp("alice");
      bob.signUp("bob");
      LogId log = alice.dm("bob");
      alice.run();
      bob.run();
      for (const char* text : {"one", "two", "three"}) alice.say(log, text);
      alice.run();
      auto page = server.read(bob.self(), log, must(bob.core().places()).at(0).seq);
      REQUIRE(page);
      disk.fail({.call = call, .nth = nth, .then = FaultyVfs::Then::works});
      if (auto outcome = bob.core().receive(*page)) bob.note(*std::move(outcome));
      disk.heal();
      bob.restart();
      bob.run();
      bob.say(log, "four");
      bob.run();
      alice.run();
      CHECK(alice.texts(log).size() == 4);
      CHECK(alice.shown == Texts{"four"});
      // The log may have kept a commit whose sync failed: what was told, and what is there after the restart, are texts
      // of alice's in her order, each once.
      CHECK(must(bob.core().history(log, 100)).size() == 4);
      CHECK(bob.shown.size() <= 3);
      CHECK(bob.alarms() + alice.alarms() == 0);
      bob.close();
    }
  }
}

TEST_CASE("a refusal of the server ends the wish, says why, and lets what stands behind it go on") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.alice.core().rename(log, "coffee"));
  scene.alice.say(log, "hello");
  auto entry = scene.alice.next(log);
  REQUIRE(entry);
  scene.alice.note(must(scene.alice.core().refused(log, entry->id, Refusal::quota, "full")));
  CHECK(scene.alice.settled.back().problem->code == ErrorCode::serverRefused);
  scene.run();
  CHECK(scene.bob.shown == Texts{"hello"});
  CHECK(must(scene.bob.core().conversations()).at(0).title == "tea");
}

}  // namespace qpq::client::core::scene
