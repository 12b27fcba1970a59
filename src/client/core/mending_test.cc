#include "base/time.h"
#include "client/core/rebel_test.h"
#include "wire/inside/capabilities.h"

// What becomes of a commit that MLS and the server take and the conversation's policy does not: its number is used up,
// its roster is the server's, and the members go on as they were (design: an invalid commit uses up no epoch).
namespace qpq::client::core::scene {

namespace {

using Texts = std::vector<std::string>;

struct Rebellion: Scene {
  Rebel mallory{server, clock, "mallory"};
  LogId log = group("tea");

  Rebellion() {
    for (Device* device : {&alice, &bob, &carol})
      device->note(must(device->core().notePerson(server.lookup("mallory"))));
    alice.invite(log, "mallory");
    run();
    mallory.enter(log);
  }
  void removeBob() {
    mls::CommitPlan plan;
    plan.removes = {mallory.leafOf(bob.self())};
    mallory.commit(log, plan);
  }
  std::vector<Cause> causes(const Device& device) {
    std::vector<Cause> causes;
    for (const auto& unreadable : device.seen<event::Unreadable>()) causes.push_back(unreadable.cause);
    return causes;
  }
};

const std::vector<Cause> kBadCommit{Cause::badCommit};

}  // namespace

TEST_CASE("a member without the right to it removes nobody: the commit is told of, and another one mends the roster") {
  Rebellion scene;
  scene.removeBob();
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) device->readAll();
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    CHECK(scene.causes(*device) == kBadCommit);
    CHECK(must(device->core().members(scene.log)).size() == 4);
    CHECK_FALSE(must(device->core().conversations()).at(0).ended);
  }
  // Somebody's turn comes, whoever's it is; until then the server keeps bob away from what follows.
  uint64_t before = scene.server.size(scene.log);
  scene.clock.at = scene.clock.at + kMinuteMs;
  scene.run();
  CHECK(scene.server.size(scene.log) == before + 1);
  scene.alice.say(scene.log, "bob, are you there?");
  scene.run();
  scene.bob.say(scene.log, "I am");
  scene.run();
  CHECK(scene.bob.shown == Texts{"bob, are you there?"});
  CHECK(scene.carol.shown == Texts{"bob, are you there?", "I am"});
  CHECK(scene.alice.shown == Texts{"I am"});
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    CHECK(scene.causes(*device) == kBadCommit);
    CHECK(device->seen<event::Alarm>().empty());
    CHECK(must(device->core().counts()).queued == 0);
    CHECK(must(device->core().nextDue()) == std::nullopt);
  }
}

TEST_CASE("what is said after a rejected commit waits for the mending and reaches everyone, through any restart") {
  Rebellion scene;
  scene.bob.say(scene.log, "written before bob knew");
  scene.removeBob();
  scene.alice.say(scene.log, "written before alice knew");
  scene.alice.becomeRestless();
  scene.bob.becomeRestless();
  scene.run();
  scene.run();
  const Texts expected{"alice: written before alice knew", "bob: written before bob knew"};
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    Texts texts = device->texts(scene.log);
    std::ranges::sort(texts);
    CHECK(texts == expected);
    CHECK(must(device->core().counts()).queued == 0);
  }
  CHECK(scene.carol.shown.size() == 2);
}

TEST_CASE("a change that was under way when a rejected commit took its place is made anew") {
  Rebellion scene;
  must(scene.alice.core().rename(scene.log, "coffee"));
  auto alices = scene.alice.next(scene.log);
  REQUIRE(alices);
  mls::CommitPlan plan;
  wire::Conversation conversation = scene.mallory.conversation();
  conversation.name = toBytes(asBytes("mallory's"));
  plan.groupContextExtensions = wire::groupExtensions(conversation);
  scene.mallory.commit(scene.log, plan);
  CHECK(std::holds_alternative<Conflict>(scene.server.append(scene.alice.self(), *alices)));
  scene.run();
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    CHECK(scene.causes(*device) == kBadCommit);
    CHECK(must(device->core().conversations()).at(0).title == "coffee");
  }
}

TEST_CASE("a member who would make itself an owner stays what it was") {
  Rebellion scene;
  wire::Conversation conversation = scene.mallory.conversation();
  conversation.roles.set({scene.mallory.self().account, wire::Role::owner});
  mls::CommitPlan plan;
  plan.groupContextExtensions = wire::groupExtensions(conversation);
  scene.mallory.commit(scene.log, plan);
  scene.run();
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) CHECK(scene.causes(*device) == kBadCommit);
  scene.removeBob();
  scene.run();
  for (Device* device : {&scene.alice, &scene.bob, &scene.carol}) {
    CHECK(must(device->core().members(scene.log)).size() == 4);
  }
}

}  // namespace qpq::client::core::scene
