#include "client/core/scene_test.h"

namespace qpq::client::core::scene {

using Texts = std::vector<std::string>;

TEST_CASE("two people talk, and each sees every message once and in order") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  scene.alice.say(log, "hello bob");
  scene.run();
  scene.bob.say(log, "hello alice");
  scene.bob.say(log, "how are you?");
  scene.run();
  Texts expected{"alice: hello bob", "bob: hello alice", "bob: how are you?"};
  CHECK(scene.alice.texts(log) == expected);
  CHECK(scene.bob.texts(log) == expected);
  CHECK(scene.alice.shown == Texts{"hello alice", "how are you?"});
  CHECK(scene.bob.shown == Texts{"hello bob"});
  CHECK(scene.bob.seen<event::Joined>().at(0).by.name == "alice");
  CHECK(scene.alice.alarms() + scene.bob.alarms() + scene.carol.alarms() == 0);
  CHECK(must(scene.alice.core().counts()).queued == 0);
}

TEST_CASE("three people talk in a group") {
  Scene scene;
  LogId log = scene.group("tea");
  scene.alice.say(log, "one");
  scene.run();
  scene.bob.say(log, "two");
  scene.run();
  scene.carol.say(log, "three");
  scene.run();
  Texts expected{"alice: one", "bob: two", "carol: three"};
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    CHECK(device->texts(log) == expected);
    CHECK(device->alarms() == 0);
    CHECK(must(device->core().members(log)).size() == 3);
    CHECK(must(device->core().conversations()).at(0).title == "tea");
  }
}

TEST_CASE("what is unread is counted until it is marked read, and what one wrote oneself is never unread") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  for (const char* text : {"one", "two", "three"}) scene.alice.say(log, text);
  scene.run();
  auto view = must(scene.bob.core().conversations()).at(0);
  CHECK((view.unread == 3 && !view.entered && view.title == "alice" && view.kind == Kind::direct));
  CHECK(must(scene.bob.core().unread(log, 2)).size() == 2);
  CHECK(must(scene.bob.core().unread(log, 2)).at(0).text == "one");
  uint64_t second = must(scene.bob.core().unread(log, 2)).at(1).seq;
  must(scene.bob.core().markRead(log, 0));
  view = must(scene.bob.core().conversations()).at(0);
  CHECK((view.unread == 3 && view.entered));
  must(scene.bob.core().markRead(log, second));
  CHECK(must(scene.bob.core().unread(log, 9)).at(0).text == "three");
  // What has been read stays so, and nothing is read before it has come.
  must(scene.bob.core().markRead(log, 1));
  CHECK(must(scene.bob.core().conversations()).at(0).unread == 1);
  must(scene.bob.core().markRead(log, 1'000));
  scene.alice.say(log, "four");
  scene.run();
  CHECK(must(scene.bob.core().unread(log, 9)).at(0).text == "four");
  CHECK(must(scene.alice.core().conversations()).at(0).unread == 0);
}

TEST_CASE("notes to oneself need nobody else") {
  Scene scene;
  LogId log = scene.alice.dm("alice");
  scene.alice.say(log, "buy milk");
  scene.run();
  CHECK(scene.alice.texts(log) == Texts{"alice: buy milk"});
  CHECK(must(scene.alice.core().conversations()).at(0).kind == Kind::notes);
}

TEST_CASE("both open the direct conversation at once: one first commit wins and no message is lost") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  CHECK(scene.bob.dm("alice") == log);
  scene.alice.say(log, "from alice");
  scene.bob.say(log, "from bob");
  // Both have their first commit sealed before either knows of the other's.
  auto alices = scene.alice.next(log);
  auto bobs = scene.bob.next(log);
  REQUIRE((alices && bobs));
  CHECK(std::holds_alternative<Bytes>(scene.server.append(scene.bob.self(), *bobs)));
  CHECK(std::holds_alternative<Conflict>(scene.server.append(scene.alice.self(), *alices)));
  scene.run();
  CHECK(scene.alice.texts(log) == scene.bob.texts(log));
  CHECK(scene.alice.texts(log).size() == 2);
  CHECK(scene.alice.alarms() + scene.bob.alarms() == 0);
  CHECK(must(scene.alice.core().counts()).queued == 0);
  CHECK(scene.alice.seen<event::Joined>().size() == 1);
}

TEST_CASE("a removed member reads nothing that was sent afterwards, and can send nothing") {
  Scene scene;
  LogId log = scene.group("tea");
  scene.bob.say(log, "before");
  scene.run();
  must(scene.alice.core().remove(log, scene.bob.self().account));
  scene.alice.run();
  scene.alice.say(log, "after");
  scene.run();
  CHECK(scene.bob.texts(log) == Texts{"bob: before"});
  CHECK(scene.carol.texts(log) == Texts{"bob: before", "alice: after"});
  CHECK(scene.bob.seen<event::Ended>().at(0).by.name == "alice");
  CHECK(must(scene.bob.core().conversations()).at(0).ended);
  CHECK(refusal(scene.bob.core().send(log, "still here?")) == ErrorCode::notMember);
  auto gone = scene.carol.seen<event::MembersChanged>().back().removed;
  CHECK((gone.size() == 1 && gone[0].name == "bob"));
  // Not even by force: the page is refused for lack of a chain, and there are no keys.
  CHECK(must(scene.bob.core().members(log)).empty());
  CHECK(scene.alice.alarms() + scene.carol.alarms() == 0);
}

TEST_CASE("what a member had queued when it was removed fails and says why") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.alice.core().remove(log, scene.bob.self().account));
  scene.alice.run();
  scene.bob.say(log, "too late");
  scene.bob.run();
  auto message = must(scene.bob.core().history(log, 1)).at(0);
  CHECK(message.state == MessageView::State::failed);
  CHECK_FALSE(message.problem.empty());
  CHECK(scene.bob.settled.back().problem->code == ErrorCode::notMember);
  CHECK(must(scene.bob.core().counts()).queued == 0);
}

TEST_CASE("whoever was removed and invited again reads on from there") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.alice.core().remove(log, scene.bob.self().account));
  scene.run();
  scene.alice.say(log, "without bob");
  scene.run();
  scene.alice.invite(log, "bob");
  scene.run();
  scene.alice.say(log, "bob is back");
  scene.run();
  scene.bob.say(log, "I am");
  scene.run();
  CHECK(scene.bob.texts(log) == Texts{"alice: bob is back", "bob: I am"});
  CHECK(scene.alice.texts(log) == Texts{"alice: without bob", "alice: bob is back", "bob: I am"});
  CHECK_FALSE(must(scene.bob.core().conversations()).at(0).ended);
  CHECK(scene.alice.alarms() + scene.bob.alarms() + scene.carol.alarms() == 0);
}

TEST_CASE("one leaves: another member commits it when its turn has come, and the rest talk on") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.bob.core().leave(log));
  scene.bob.run();
  CHECK(must(scene.bob.core().conversations()).at(0).ended);
  scene.alice.readAll();
  scene.carol.readAll();
  auto dueA = must(scene.alice.core().nextDue());
  auto dueC = must(scene.carol.core().nextDue());
  REQUIRE((dueA && dueC));
  CHECK(*dueA != *dueC);
  CHECK(std::min(*dueA, *dueC) == scene.clock.now());
  Device& second = *dueA < *dueC ? scene.carol : scene.alice;
  CHECK(must(second.core().outgoingLogs()).empty());
  scene.run();
  // Withdrawn where another did it.
  CHECK_FALSE(must(second.core().nextDue()));
  CHECK(must(scene.alice.core().members(log)).size() == 2);
  scene.alice.say(log, "just us");
  scene.run();
  CHECK(scene.carol.texts(log) == Texts{"alice: just us"});
  CHECK(scene.bob.texts(log).empty());
  CHECK(scene.alice.alarms() + scene.bob.alarms() + scene.carol.alarms() == 0);
}

TEST_CASE("one leaves and another writes at the same moment") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.bob.core().leave(log));
  scene.carol.say(log, "hello all");
  auto leaving = scene.bob.next(log);
  auto writing = scene.carol.next(log);
  REQUIRE((leaving && writing));
  scene.server.append(scene.bob.self(), *leaving);
  CHECK(std::holds_alternative<Bytes>(scene.server.append(scene.carol.self(), *writing)));
  scene.carol.say(log, "and again");
  scene.run();
  CHECK(scene.alice.texts(log) == Texts{"carol: hello all", "carol: and again"});
  CHECK(must(scene.alice.core().members(log)).size() == 2);
  CHECK(scene.alice.alarms() + scene.bob.alarms() + scene.carol.alarms() == 0);
}

TEST_CASE("a title is the owner's to change") {
  Scene scene;
  LogId log = scene.group("tea");
  must(scene.alice.core().rename(log, "coffee"));
  scene.run();
  CHECK(must(scene.bob.core().conversations()).at(0).title == "coffee");
  CHECK(scene.bob.seen<event::Renamed>().at(0).title == "coffee");
  must(scene.bob.core().rename(log, "beer"));
  scene.run();
  CHECK(scene.bob.settled.back().problem->code == ErrorCode::notAllowed);
  CHECK(must(scene.alice.core().conversations()).at(0).title == "coffee");
}

TEST_CASE("a plain member can neither invite nor remove") {
  Scene scene;
  LogId log = must(scene.alice.core().beginGroup("tea")).log;
  scene.alice.invite(log, "bob");
  scene.run();
  scene.bob.invite(log, "carol");
  scene.run();
  CHECK(scene.bob.settled.back().problem->code == ErrorCode::notAllowed);
  must(scene.bob.core().remove(log, scene.alice.self().account));
  scene.run();
  CHECK(scene.bob.settled.back().problem->code == ErrorCode::notAllowed);
  CHECK(must(scene.alice.core().members(log)).size() == 2);
  // Nothing of it reached the log.
  CHECK(scene.alice.alarms() == 0);
  scene.bob.say(log, "fine");
  scene.run();
  CHECK(scene.alice.texts(log) == Texts{"bob: fine"});
}

TEST_CASE("a second device of an account is invited with it, and leaves with it") {
  Scene scene;
  Device laptop(scene.server, scene.clock, 9);
  laptop.signIn("bob", scene.bob.accountSeed());
  laptop.note(must(laptop.core().notePerson(scene.server.lookup("alice"))));
  LogId log = scene.alice.dm("bob");
  scene.alice.say(log, "hello both");
  scene.run();
  laptop.run();
  CHECK(laptop.texts(log) == Texts{"alice: hello both"});
  laptop.say(log, "from the laptop");
  laptop.run();
  scene.run();
  CHECK(scene.bob.texts(log).back() == "bob: from the laptop");
  CHECK(must(scene.alice.core().members(log)).at(0).devices.size() +
            must(scene.alice.core().members(log)).at(1).devices.size() ==
        3);
  must(laptop.core().leave(log));
  laptop.run();
  scene.run();
  CHECK(must(scene.bob.core().conversations()).at(0).ended);
  CHECK(must(laptop.core().conversations()).at(0).ended);
  CHECK(must(scene.alice.core().members(log)).size() == 1);
  CHECK(scene.alice.alarms() + scene.bob.alarms() + laptop.alarms() == 0);
}

TEST_CASE("people who cannot be written to are refused before anything is queued") {
  Scene scene;
  LogId log = scene.alice.dm("bob");
  CHECK(refusal(scene.alice.core().send(LogId{}, "hello")) == ErrorCode::noSuchConversation);
  CHECK(refusal(scene.alice.core().send(log, "")) == ErrorCode::badInput);
  CHECK(refusal(scene.alice.core().send(log, "\xff\xfe")) == ErrorCode::badInput);
  CHECK(refusal(scene.alice.core().send(log, std::string(60'001, 'x'))) == ErrorCode::tooLarge);
  CHECK(refusal(scene.alice.core().send(log, std::string(20'000'000, 'x'))) == ErrorCode::tooLarge);
  CHECK(refusal(scene.alice.core().rename(log, "title")) == ErrorCode::notAllowed);
  CHECK(refusal(scene.alice.core().remove(log, scene.bob.self().account)) == ErrorCode::notAllowed);
  CHECK(refusal(scene.alice.core().beginGroup("")) == ErrorCode::badInput);
  CHECK(refusal(scene.alice.core().beginGroup(std::string(257, 'x'))) == ErrorCode::badInput);
  scene.alice.say(log, std::string(60'000, 'x'));
  scene.run();
  CHECK(scene.bob.shown.at(0).size() == 60'000);
  CHECK(must(scene.alice.core().counts()).queued == 0);
}

}  // namespace qpq::client::core::scene
