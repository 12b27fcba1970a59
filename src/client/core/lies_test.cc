#include <functional>

#include "client/core/scene_test.h"
#include "wire/inside/content.h"

// What a server or a member may try: nothing of it changes what is kept, and all of it is told.
namespace qpq::client::core::scene {

namespace {

using Texts = std::vector<std::string>;

// Bob, who has entered alice's conversation, before a page with two of her texts.
struct BeforePage: Scene {
  LogId log = alice.dm("bob");
  Page page;
  BeforePage() {
    run();
    alice.say(log, "one");
    alice.say(log, "two");
    alice.run();
    page = server.read(bob.self(), log, must(bob.core().places()).at(0).seq).value();
  }
};

void flip(Bytes& bytes, std::size_t at) { bytes.at(at % bytes.size()) ^= 1; }

}  // namespace

TEST_CASE("a page with anything changed in it is refused whole, raises an alarm, and the true one is read after it") {
  const std::vector<std::function<void(Page&)>> changes{
      [](Page& page) { flip(page.entries[0].envelope, 40); },
      [](Page& page) { flip(page.entries[1].envelope, page.entries[1].envelope.size() - 1); },
      [](Page& page) { page.entries[0].seq += 1; },
      [](Page& page) { page.entries[0].kind = 2; },
      [](Page& page) { page.entries[0].kind = 9; },
      [](Page& page) { flip(page.entries[0].id, 3); },
      [](Page& page) { page.entries[0].id.pop_back(); },
      [](Page& page) { page.entries[0].welcomeHash = Bytes(32, 1); },
      [](Page& page) { page.entries[0].welcomeHash = Bytes(31, 1); },
      [](Page& page) { page.entries[0].welcome = Bytes(10, 1); },
      [](Page& page) { page.entries.erase(page.entries.begin()); },
      [](Page& page) { page.entries.pop_back(); },
      [](Page& page) { std::swap(page.entries[0], page.entries[1]); },
      [](Page& page) { page.entries.push_back(page.entries[1]); },
      [](Page& page) { page.receipt.clear(); },
      [](Page& page) { flip(page.receipt, page.receipt.size() - 1); },
      [](Page& page) { flip(page.receipt, 60); },
      [](Page& page) { page.start = Bytes(40, 7); },
  };
  for (std::size_t i = 0; i < changes.size(); ++i) {
    INFO("change " << i);
    BeforePage scene;
    Page changed = scene.page;
    changes[i](changed);
    scene.bob.note(must(scene.bob.core().receive(changed)));
    CHECK(scene.bob.seen<event::Alarm>().size() == 1);
    CHECK(scene.bob.shown.empty());
    scene.bob.readAll();
    CHECK(scene.bob.shown == Texts{"one", "two"});
    CHECK(scene.bob.seen<event::Alarm>().size() == 1);
  }
}

TEST_CASE("a page of another log or another life of the server is refused") {
  BeforePage scene;
  LogId other = scene.group("tea");
  Page page = scene.page;
  page.log = other;
  scene.bob.note(must(scene.bob.core().receive(page)));
  CHECK(scene.bob.seen<event::Alarm>().size() == 1);
  scene.server.restore();
  scene.bob.note(must(scene.bob.core().noteServer("test", scene.server.info())));
  CHECK(scene.bob.seen<event::Alarm>().size() == 2);  // it says that it was restored
  page = scene.page;
  std::size_t shown = scene.bob.shown.size();
  scene.bob.note(must(scene.bob.core().receive(page)));
  CHECK(scene.bob.shown.size() == shown);
}

TEST_CASE("another history than the one read before raises an alarm") {
  BeforePage scene;
  scene.bob.readAll();
  // The server forgets the last text and stores another one in its place.
  Scene fork;
  fork.clock.at = scene.clock.at;
  LogId log = fork.alice.dm("bob");
  fork.run();
  fork.alice.say(log, "one");
  fork.alice.say(log, "another two");
  fork.alice.run();
  REQUIRE(log == scene.log);
  auto page = fork.server.read(fork.bob.self(), log, 0);
  REQUIRE(page);
  scene.bob.note(must(scene.bob.core().receive(*page)));
  CHECK(scene.bob.seen<event::Alarm>().size() == 1);
  CHECK(scene.bob.shown == Texts{"one", "two"});
}

TEST_CASE("two members who are shown different histories find out by the first message between them") {
  Scene scene;
  LogId log = scene.group("tea");
  Server fork = scene.server;
  scene.alice.say(log, "for carol");
  scene.alice.say(log, "for bob");
  auto one = scene.alice.next(log);
  REQUIRE(one);
  auto receipt = std::get<Bytes>(scene.server.append(scene.alice.self(), *one));
  must(scene.alice.core().accepted(log, one->id, receipt));
  auto two = scene.alice.next(log);
  REQUIRE(two);
  fork.append(scene.alice.self(), *two);
  uint64_t before = scene.server.size(log) - 1;
  scene.bob.note(must(scene.bob.core().receive(fork.read(scene.bob.self(), log, before).value())));
  scene.carol.readAll();
  scene.bob.say(log, "hello");
  auto hello = scene.bob.next(log);
  REQUIRE(hello);
  scene.server.append(scene.bob.self(), *hello);
  scene.carol.readAll();
  CHECK(scene.carol.shown == Texts{"for carol", "hello"});
  REQUIRE(scene.carol.seen<event::Alarm>().size() == 1);
  CHECK(scene.carol.seen<event::Alarm>()[0].what.contains("bob"));
  CHECK(scene.bob.shown == Texts{"for bob"});
}

TEST_CASE("an own entry that comes back with other bytes is forged") {
  Scene scene;
  LogId log = scene.group("tea");
  scene.bob.say(log, "from bob");
  auto bobs = scene.bob.next(log);
  REQUIRE(bobs);
  // Carol's device writes an entry under bob's id, as a server in league with her could have it.
  scene.carol.say(log, "from carol");
  auto carols = scene.carol.next(log);
  REQUIRE(carols);
  auto envelope = wire::LogEnvelope::parse(carols->envelope, log).value();
  wire::Terms terms = envelope.terms();
  terms.id = bobs->id;
  mls::PrivateMessage message = *envelope.message();
  message.authenticatedData = encode(terms);
  carols->envelope = encode(wire::Envelope{mls::MLSMessage{.message = {message}}});
  CHECK(std::holds_alternative<Bytes>(scene.server.append(scene.carol.self(), *carols)));
  scene.bob.readAll();
  CHECK(scene.bob.seen<event::Alarm>().size() == 1);
  CHECK(scene.bob.settled.back().problem->code == ErrorCode::serverRefused);
  CHECK(must(scene.bob.core().history(log, 1)).at(0).state == MessageView::State::failed);
  // For everybody else it is a text that cannot be read, and the conversation goes on.
  scene.alice.readAll();
  CHECK(scene.alice.seen<event::Unreadable>().at(0).cause == Cause::forged);
  scene.alice.say(log, "go on");
  scene.run();
  CHECK(scene.bob.shown == Texts{"go on", "from carol"});
}

TEST_CASE("a receipt that is not for what was sent is an alarm, and the entry is sent again") {
  Scene scene;
  LogId log = scene.group("tea");
  scene.alice.say(log, "one");
  auto entry = scene.alice.next(log);
  REQUIRE(entry);
  for (const Bytes& receipt : {Bytes{}, Bytes(300, 1)}) {
    scene.alice.note(must(scene.alice.core().accepted(log, entry->id, receipt)));
  }
  CHECK(scene.alice.seen<event::Alarm>().size() == 2);
  CHECK(scene.alice.next(log)->envelope == entry->envelope);
}

TEST_CASE("an account key that differs from the one known is an alarm and changes nothing") {
  Scene scene;
  test::SeededRandom random(5);
  Secret<32> seed = random.secret<32>();
  crypto::Ed25519Key key(seed);
  Person bob = scene.server.lookup("bob");
  wire::DeviceListTBS tbs = bob.list.list().tbs;
  tbs.accountKey = key.publicKey();
  Person impostor{bob.account, "bob", wire::VerifiedDeviceList::check(wire::sign(key, tbs)).value()};
  scene.alice.note(must(scene.alice.core().notePerson(impostor)));
  CHECK(scene.alice.seen<event::Alarm>().size() == 1);
  CHECK(must(scene.alice.core().findPerson("BOB"))->accountKey == bob.list->accountKey);
}

TEST_CASE("another identity of the server is refused") {
  Scene scene;
  crypto::Ed25519Key other(Secret<32>{});
  wire::ServerInfoTBS tbs = scene.server.info().info().tbs;
  tbs.identity = other.publicKey();
  auto info = wire::VerifiedServerInfo::check(wire::sign(other, tbs)).value();
  CHECK(refusal(scene.alice.core().noteServer("test", info)) == ErrorCode::serverChanged);
  CHECK(scene.alice.core().server()->identity == scene.server.info()->identity);
}

}  // namespace qpq::client::core::scene
