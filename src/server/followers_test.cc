#include "server/followers.h"

#include <catch2/catch_test_macros.hpp>
#include <deque>

#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

// What one device was pushed. Held, it answers no push until it is let go.
struct Heard {
  std::vector<Page> pages;
  std::vector<uint64_t> indexes;
  std::vector<wire::DeviceList> lists;
  std::vector<uint64_t> closings;
  std::size_t told = 0;  // of the pages: no answer was asked for
  bool held = false;
  bool gone = false;
  std::deque<kj::Own<kj::PromiseFulfiller<void>>> waiting;

  std::vector<uint64_t> seqs() const {
    std::vector<uint64_t> all;
    for (const Page& page : pages) {
      for (const auto& entry : page.entries) all.push_back(entry.link.seq);
    }
    return all;
  }
  std::size_t bytes() const {
    std::size_t sum = 0;
    for (const Page& page : pages) sum += page.bytes();
    return sum;
  }
  void letGo() {
    held = false;
    while (!waiting.empty()) {
      waiting.front()->fulfill();
      waiting.pop_front();
    }
  }
};

class HearingSink final: public FollowSink {
 public:
  explicit HearingSink(Heard& heard): heard_(heard) {}
  kj::Promise<void> entries(const Page& page) override {
    heard_.pages.push_back(page);
    return answer();
  }
  void tellEntries(const Page& page) override {
    heard_.pages.push_back(page);
    ++heard_.told;
  }
  kj::Promise<void> indexChanged(uint64_t change) override {
    heard_.indexes.push_back(change);
    return answer();
  }
  kj::Promise<void> devicesChanged(wire::DeviceList list) override {
    heard_.lists.push_back(std::move(list));
    return answer();
  }
  kj::Promise<void> closing(uint64_t afterMs) override {
    heard_.closings.push_back(afterMs);
    return answer();
  }

 private:
  kj::Promise<void> answer() {
    if (heard_.gone) return kj::Exception(kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__, kj::str("gone"));
    if (!heard_.held) return kj::READY_NOW;
    auto paired = kj::newPromiseAndFulfiller<void>();
    heard_.waiting.push_back(kj::mv(paired.fulfiller));
    return kj::mv(paired.promise);
  }
  Heard& heard_;
};

struct Two {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());

  const TestDevice& a() const { return alice.device(); }
  const TestDevice& b() const { return bob.device(); }
  kj::Own<Follower> follow(const TestDevice& device, Heard& heard, std::vector<Place> places) {
    auto& services = world.services();
    auto follower =
        services.followers.follow(services.sessions.open(device.entry(), {}), kj::heap<HearingSink>(heard), places);
    world.settle();
    return follower;
  }
  void say(int times = 1, std::size_t noise = 32) {
    for (int i = 0; i < times; ++i) {
      world.clock.move(kMessagesPerDevice.refillMs);
      as<Appended>(log.say(a(), EntryId::random(world.random), noise));
    }
    world.settle();
  }
};

std::vector<uint64_t> upTo(uint64_t last, uint64_t first = 1) {
  std::vector<uint64_t> all;
  for (uint64_t seq = first; seq <= last; ++seq) all.push_back(seq);
  return all;
}

}  // namespace

TEST_CASE("a follower gets what is there and what comes, once and in order") {
  Two two;
  two.say(3);
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 0}});
  CHECK(bob.seqs() == upTo(4));
  CHECK(bob.pages[0].start.has_value());
  two.say(2);
  CHECK(bob.seqs() == upTo(6));
  CHECK(bob.pages.back().receipt->leaf.seq == 6);
}

TEST_CASE("an entry that lands between subscribing and the first read comes once") {
  Two two;
  Heard bob;
  auto& services = two.world.services();
  auto follower = services.followers.follow(services.sessions.open(two.b().entry(), {}), kj::heap<HearingSink>(bob),
                                            {{two.log.id(), 0}});
  auto appended = services.logs.append({two.a().entry(), two.log.id(), messageTo(two.log.id(), entryId(7), 1), {}, {}});
  as<Appended>(two.world.ask(kj::mv(appended)));
  two.world.settle();
  CHECK(bob.seqs() == upTo(2));
}

TEST_CASE("a push rests on a durable entry: nothing is pushed before the appender could be answered") {
  Two two;
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  auto append =
      two.world.services().logs.append({two.a().entry(), two.log.id(), messageTo(two.log.id(), entryId(7), 1), {}, {}});
  CHECK(bob.pages.empty());
  as<Appended>(two.world.ask(kj::mv(append)));
  two.world.settle();
  CHECK(bob.seqs() == upTo(2, 2));
}

TEST_CASE("a slow follower holds a bounded number of bytes and misses nothing") {
  Two two;
  Heard bob;
  bob.held = true;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  two.say(30, 60'000);
  CHECK(bob.pages.size() <= kFollowPagesMax);
  CHECK(bob.bytes() <= kFollowBytesMax + 64 * 1024);
  bob.letGo();
  two.world.settle();
  CHECK(bob.seqs() == upTo(31, 2));
}

TEST_CASE("a follower that keeps up is asked now and then, and gets no more than that ahead of its answers") {
  Two two;
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  two.say();
  CHECK(bob.told == 0);  // the first page is answered
  bob.held = true;
  two.say(2 * kToldPagesMax + kFollowPagesMax);
  CHECK(bob.told == kToldPagesMax);
  CHECK(bob.pages.size() == 1 + kToldPagesMax + kFollowPagesMax);
  bob.letGo();
  two.world.settle();
  two.say();
  CHECK(bob.seqs() == upTo(2 * kToldPagesMax + kFollowPagesMax + 3, 2));
}

TEST_CASE("a follower is not told more at once than it can hold without being asked") {
  Two two;
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  two.say();
  two.say(4, kToldBytesMax / 2);
  CHECK(bob.told == 2);  // one, and the one behind the next that was asked for
  CHECK(bob.seqs() == upTo(6, 2));
}

TEST_CASE("a follower that fails is left alone and holds nobody up") {
  Two two;
  Heard alice;
  Heard bob;
  auto first = two.follow(two.a(), alice, {{two.log.id(), 1}});
  auto second = two.follow(two.b(), bob, {{two.log.id(), 1}});
  bob.gone = true;
  two.say(3);
  CHECK(bob.pages.size() == 1);
  CHECK(alice.seqs() == upTo(4, 2));
}

TEST_CASE("dropping the follower ends it") {
  Two two;
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  CHECK(two.world.services().followers.count() == 1);
  follower = nullptr;
  CHECK(two.world.services().followers.count() == 0);
  two.say();
  CHECK(bob.pages.empty());
}

TEST_CASE("a log without rights is silently not followed, and can be added when there are some") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  Heard heard;
  auto follower = two.follow(carol.device(), heard, {{two.log.id(), 0}, {logId(99), 0}});
  two.say();
  CHECK(heard.pages.empty());
  two.log.mustCommit(two.a(), {.added = {carol.device().entry()}});
  two.world.settle();
  CHECK(heard.pages.empty());
  CHECK(heard.indexes.size() == 1);
  follower->add({{two.log.id(), 0}});
  two.world.settle();
  CHECK(heard.seqs() == upTo(3, 3));
}

TEST_CASE("a follower watches so many logs and not one more") {
  Two two;
  auto isHeardBehind = [&](std::size_t others) {
    Heard heard;
    std::vector<Place> places;
    for (std::size_t i = 0; i < others; ++i) places.push_back({LogId::random(two.world.random), 0});
    places.push_back({two.log.id(), 0});
    auto follower = two.follow(two.b(), heard, places);
    return heard.seqs() == upTo(1);
  };
  CHECK(isHeardBehind(kFollowedLogsMax - 1));
  CHECK(!isHeardBehind(kFollowedLogsMax));
  CHECK(!isHeardBehind(4 * kFollowedLogsMax));
}

TEST_CASE("who was removed and added again while away is pushed both stretches and nothing between them") {
  Two two;
  two.log.mustCommit(two.a(), {.removed = {two.b().entry()}});
  two.say(2);
  two.log.mustCommit(two.a(), {.added = {two.b().entry()}});
  two.say();
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  CHECK(bob.seqs() == std::vector<uint64_t>{2, 5, 6});
}

TEST_CASE("a removed device is pushed its removal and nothing after it") {
  Two two;
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  two.log.mustCommit(two.a(), {.removed = {two.b().entry()}});
  two.world.settle();
  two.say(2);
  CHECK(bob.seqs() == upTo(2, 2));
  CHECK(bob.indexes.size() == 1);
}

TEST_CASE("followers at one place share what is read, and part where rights change") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  two.log.mustCommit(two.a(), {.added = {carol.device().entry()}});
  Heard bob;
  Heard hers;
  Heard late;
  auto first = two.follow(two.b(), bob, {{two.log.id(), 2}});
  auto second = two.follow(carol.device(), hers, {{two.log.id(), 2}});
  auto third = two.follow(two.b(), late, {{two.log.id(), 0}});
  two.say(2);
  // Three entries in one flush, so in one reading: what follows the removal is not carol's.
  auto& logs = two.world.services().logs;
  auto append = [&](const Bytes& envelope) {
    two.world.clock.move(kMessagesPerDevice.refillMs);
    return logs.append({two.a().entry(), two.log.id(), envelope, {}, {}});
  };
  auto message = append(messageTo(two.log.id(), EntryId::random(two.world.random), two.log.commits));
  CommitSpec spec{.removed = {carol.device().entry()}};
  auto removal = append(commitTo(two.log.roster, EntryId::random(two.world.random), two.log.commits, spec));
  auto after = append(messageTo(two.log.id(), EntryId::random(two.world.random), two.log.commits + 1));
  as<Appended>(two.world.ask(kj::mv(message)));
  as<Appended>(two.world.ask(kj::mv(removal)));
  as<Appended>(two.world.ask(kj::mv(after)));
  ++two.log.commits;
  two.world.settle();
  two.say(2);
  CHECK(bob.seqs() == upTo(9, 3));
  CHECK(late.seqs() == upTo(9));
  CHECK(hers.seqs() == upTo(6, 3));
  CHECK(hers.pages.back().ended);
}

TEST_CASE("a tail is read once for all who ask while it is read, and anew when the log has grown") {
  Two two;
  two.say(2);
  Tails tails(two.world.services().logs);
  auto read = [&](uint64_t after) { return tails.read(two.log.id(), after); };
  auto one = read(1);
  auto same = read(1);
  auto other = read(2);
  tails.forget(two.log.id());
  auto anew = read(1);
  auto page = two.world.wait(kj::mv(one));
  CHECK((page->entries.size() == 2 && page->open && !page->more));
  CHECK(two.world.wait(kj::mv(same)) == page);
  CHECK(two.world.wait(kj::mv(other))->entries.size() == 1);
  auto fresh = two.world.wait(kj::mv(anew));
  CHECK((fresh != nullptr && fresh != page));
  // Each reads for itself: the commit at the beginning, and what is not there.
  CHECK(two.world.wait(read(0)) == nullptr);
  CHECK(two.world.wait(read(3)) == nullptr);
  CHECK(two.world.wait(read(UINT64_MAX)) == nullptr);
  CHECK(two.world.wait(tails.read(logId(99), 0)) == nullptr);
}

TEST_CASE("a tail whose readers have all gone while it was read harms nobody") {
  Two two;
  as<Appended>(two.log.say(two.a()));
  Tails tails(two.world.services().logs);
  { auto gone = tails.read(two.log.id(), 1); }
  two.world.settle();
  CHECK(two.world.wait(tails.read(two.log.id(), 1))->entries.size() == 1);
}

TEST_CASE("only the accounts a commit concerns hear of their index, and changes merge while one is under way") {
  Two two;
  TestPerson carol = two.world.register_("carol");
  Heard alice;
  Heard bob;
  bob.held = true;
  auto first = two.follow(two.a(), alice, {});
  auto second = two.follow(two.b(), bob, {});
  for (uint8_t n = 2; n < 6; ++n) begin(two.world, n, {two.b().entry()}, two.b());
  two.world.settle();
  CHECK(alice.indexes.empty());
  CHECK(bob.indexes.size() == 1);
  bob.letGo();
  two.world.settle();
  REQUIRE(bob.indexes.size() == 2);
  CHECK(bob.indexes[1] == two.world.ask(two.world.services().logs.index(two.b().entry(), 0)).change);
}

TEST_CASE("own sessions hear of a new device list, and a revoked one hears nothing more") {
  Two two;
  two.world.enrol(two.bob);
  Heard laptop;
  Heard phone;
  auto first = two.follow(two.bob.device(0), laptop, {{two.log.id(), 1}});
  auto second = two.follow(two.bob.device(1), phone, {{two.log.id(), 1}});
  two.world.enrol(two.bob);
  two.world.settle();
  CHECK(laptop.lists.back() == two.bob.list);
  CHECK(phone.lists.size() == 1);
  two.world.revoke(two.bob, 1);
  two.world.settle();
  CHECK(laptop.lists.back() == two.bob.list);
  CHECK(phone.lists.size() == 1);
  two.say();
  CHECK(laptop.seqs() == upTo(2, 2));
  CHECK(phone.pages.empty());
}

TEST_CASE("a follower behind what was pruned is told where the log begins") {
  Two two;
  two.say(3);
  for (const TestDevice* device : {&two.a(), &two.b()}) {
    two.world.services().acknowledgements.add(device->entry(), two.log.id(), 3);
  }
  two.world.move(kAcknowledgeDelayMs);
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 1}});
  REQUIRE(!bob.pages.empty());
  CHECK(bob.pages[0].entries.empty());
  CHECK(bob.pages[0].start->tbs.seq == 3);
  CHECK(bob.seqs() == upTo(4, 4));
}

TEST_CASE("many logs are followed beside each other") {
  Two two;
  TestLog other = begin(two.world, 2, {two.a().entry(), two.b().entry()}, two.a());
  Heard bob;
  auto follower = two.follow(two.b(), bob, {{two.log.id(), 0}, {other.id(), 0}});
  as<Appended>(other.say(two.a()));
  two.say();
  std::map<LogId, uint64_t> newest;
  for (const Page& page : bob.pages) newest[page.log] = page.entries.back().link.seq;
  CHECK(newest == std::map<LogId, uint64_t>{{two.log.id(), 2}, {other.id(), 2}});
}

TEST_CASE("on the way down everyone is told, nobody is waited for long, and what waits is written") {
  Two two;
  two.say();
  Heard alice;
  Heard bob;
  bob.held = true;
  auto first = two.follow(two.a(), alice, {});
  auto second = two.follow(two.b(), bob, {});
  two.world.services().acknowledgements.add(two.a().entry(), two.log.id(), 2);
  two.world.services().acknowledgements.add(two.b().entry(), two.log.id(), 2);
  auto down = two.world.services().shutDown();
  two.world.settle();
  CHECK(alice.closings == std::vector<uint64_t>{kClosingAfterMs});
  two.world.move(kClosingPatienceMs);
  two.world.wait(kj::mv(down));
  CHECK(std::holds_alternative<Pruned>(two.log.read(two.b())));
}
