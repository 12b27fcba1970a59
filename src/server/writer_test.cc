#include "server/writer.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "server/world_test.h"
#include "support/faulty_vfs.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

using Call = test::FaultyVfs::Call;
using Then = test::FaultyVfs::Then;

// Two people with a log, on a disk that can fail. The disk outlives the world's connections.
struct OnFaultyDisk {
  Quiet quiet;
  test::FaultyVfs disk{"faulty"};
  TestWorld world{{.vfs = "faulty"}};
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());

  Answer<AppendOutcome> append(uint8_t n) {
    return world.services().logs.append({alice.device().entry(), log.id(), messageTo(log.id(), entryId(n), 1), {}, {}});
  }
  std::size_t entries() { return log.page(bob.device()).entries.size(); }
};

kj::Promise<std::expected<int, Unavailable>> count(StoreWriter& writer, int value) {
  return writer.run([value](Write& write) -> store::Result<int> {
    TRY(write.tables.logs.add({logId(static_cast<uint8_t>(value)), {}, {}}, 1));
    return value;
  });
}

}  // namespace

TEST_CASE("operations that come together share one flush and one signature, up to the limit") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestLog log = begin(world, 1, {alice.device().entry()}, alice.device());
  std::vector<Answer<AppendOutcome>> answers;
  for (std::size_t i = 0; i < kFlushOperationsMax + 6; ++i) {
    Bytes envelope = messageTo(log.id(), entryId(static_cast<uint8_t>(i)), 1);
    answers.push_back(world.services().logs.append({alice.device().entry(), log.id(), envelope, {}, {}}));
  }
  std::set<wire::Signature> signatures;
  std::multiset<uint32_t> sizes;
  for (auto& answer : answers) {
    auto outcome = world.ask(kj::mv(answer));
    signatures.insert(as<Appended>(outcome).receipt->signature);
    sizes.insert(as<Appended>(outcome).receipt->size);
  }
  CHECK(signatures.size() == 2);
  CHECK(sizes.count(uint32_t{kFlushOperationsMax}) == kFlushOperationsMax);
  CHECK(sizes.count(6) == 6);
}

TEST_CASE("operations on one log are written together and in order, and at most a bunch of them before others") {
  TestWorld world;
  WriteQueue queue(world.store(), world.files(), world.keys(), world.clock);
  loop::LoopWorker worker;
  StoreWriter writer(worker, queue);
  std::string written;
  std::vector<kj::Promise<std::expected<int, Unavailable>>> answers;
  auto ask = [&](std::optional<LogId> log, char name) {
    answers.push_back(writer.run({log}, [&written, name](Write&) -> store::Result<int> {
      written += name;
      return 1;
    }));
  };
  ask(logId(1), 'a');
  ask(logId(2), 'x');
  ask(std::nullopt, '-');
  ask(logId(1), 'b');
  ask(std::nullopt, '+');
  ask(logId(2), 'y');
  for (std::size_t i = 2; i <= kBunchOperationsMax; ++i) ask(logId(1), 'c');
  for (auto& answer : answers) CHECK(world.wait(kj::mv(answer)));
  CHECK(written == "ab" + std::string(kBunchOperationsMax - 2, 'c') + "xy-+c");
}

TEST_CASE("what waits for one log never makes a flush larger than the limit") {
  TestWorld world;
  WriteQueue queue(world.store(), world.files(), world.keys(), world.clock);
  loop::LoopWorker worker;
  StoreWriter writer(worker, queue);
  std::vector<std::size_t> flushes;
  std::vector<kj::Promise<std::expected<int, Unavailable>>> answers;
  for (uint8_t log = 0; log < 5; ++log) {
    for (std::size_t i = 0; i < kBunchOperationsMax - 1; ++i) {
      answers.push_back(writer.run({logId(log)}, [&, log](Write& write) -> store::Result<int> {
        if (write.news.logs.empty()) flushes.push_back(0);
        ++flushes.back();
        write.news.logs.push_back(logId(log));
        return 1;
      }));
    }
  }
  for (auto& answer : answers) CHECK(world.wait(kj::mv(answer)));
  // Four bunches of fifteen, for a fifth would be too many.
  CHECK(flushes == std::vector{4 * (kBunchOperationsMax - 1), kBunchOperationsMax - 1});
}

TEST_CASE("an operation that fails in the store takes its whole flush with it and the next one works") {
  Quiet quiet;
  TestWorld world;
  WriteQueue queue(world.store(), world.files(), world.keys(), world.clock);
  loop::LoopWorker worker;
  StoreWriter writer(worker, queue);
  std::vector<std::string> news;
  writer.onNews([&](const News&) { news.push_back("news"); });
  auto before = count(writer, 1);
  auto broken = count(writer, 1);  // the id is there already
  auto after = count(writer, 2);
  CHECK(!world.wait(kj::mv(before)));
  CHECK(!world.wait(kj::mv(broken)));
  CHECK(!world.wait(kj::mv(after)));
  CHECK(news.empty());
  CHECK(world.ask(count(writer, 1)) == 1);
  CHECK(news.size() == 1);
}

TEST_CASE("dropping the promise does not take the operation back") {
  Quiet quiet;
  TestWorld world;
  WriteQueue queue(world.store(), world.files(), world.keys(), world.clock);
  loop::LoopWorker worker;
  StoreWriter writer(worker, queue);
  { auto dropped = count(writer, 1); }
  world.wait(writer.drained());
  CHECK(!world.wait(count(writer, 1)));
}

TEST_CASE("a queue that is full answers at once that it is") {
  TestWorld world;
  WriteQueue queue(world.store(), world.files(), world.keys(), world.clock);
  loop::LoopWorker worker;
  StoreWriter writer(worker, queue);
  std::vector<kj::Promise<std::expected<int, Unavailable>>> queued;
  auto nothing = [](Write&) -> store::Result<int> { return 1; };
  for (std::size_t i = 0; i < kWriteQueueMax; ++i) queued.push_back(writer.run(nothing));
  CHECK(!world.wait(writer.run(nothing)));
  for (auto& answer : queued) CHECK(world.wait(kj::mv(answer)));
  CHECK(world.wait(writer.run(nothing)));
}

TEST_CASE("a queue holds so many bytes of its clients and answers that it is full above") {
  TestWorld world;
  WriteQueue queue(world.store(), world.files(), world.keys(), world.clock);
  loop::LoopWorker worker;
  StoreWriter writer(worker, queue);
  auto nothing = [](Write&) -> store::Result<int> { return 1; };
  auto half = writer.run({.log = {}, .bytes = kWriteQueueBytesMax / 2}, nothing);
  auto other = writer.run({.log = {}, .bytes = kWriteQueueBytesMax / 2}, nothing);
  CHECK(!world.wait(writer.run({.log = {}, .bytes = 1}, nothing)));
  CHECK(world.wait(writer.run(nothing)));
  CHECK(world.wait(kj::mv(half)));
  CHECK(world.wait(writer.run({.log = {}, .bytes = 1}, nothing)));
}

TEST_CASE("when the sync fails nothing is acknowledged, nothing is told, and a repetition is stored once") {
  OnFaultyDisk scene;
  scene.disk.fail({.call = Call::sync, .nth = 1});
  auto first = scene.append(7);
  auto second = scene.append(8);
  CHECK(!scene.world.wait(kj::mv(first)));
  CHECK(!scene.world.wait(kj::mv(second)));
  CHECK(scene.disk.struck());
  scene.disk.heal();
  CHECK(scene.entries() == 1);
  as<Appended>(scene.world.ask(scene.append(7)));
  as<Appended>(scene.world.ask(scene.append(7)));
  CHECK(scene.entries() == 2);
}

TEST_CASE("a full disk refuses writes as unavailable, still reads, and recovers") {
  OnFaultyDisk scene;
  scene.disk.fail({.call = Call::write, .nth = 1, .then = Then::fails, .reason = test::FaultyVfs::Reason::fullDisk});
  CHECK(!scene.world.wait(scene.append(7)));
  CHECK(scene.entries() == 1);
  scene.disk.heal();
  as<Appended>(scene.world.ask(scene.append(7)));
  CHECK(scene.entries() == 2);
}

TEST_CASE("whichever write or sync fails, what was acknowledged is there and nothing is there twice") {
  for (Call call : {Call::write, Call::sync}) {
    for (uint64_t nth = 1; nth <= 12; ++nth) {
      OnFaultyDisk scene;
      scene.disk.fail({.call = call, .nth = nth});
      std::set<uint8_t> acknowledged;
      for (uint8_t n = 1; n <= 6; ++n) {
        if (scene.world.wait(scene.append(n))) acknowledged.insert(n);
      }
      scene.disk.heal();
      for (uint8_t n = 1; n <= 6; ++n) as<Appended>(scene.world.ask(scene.append(n)));
      Page page = scene.log.page(scene.bob.device());
      std::multiset<EntryId> ids;
      for (const auto& entry : page.entries) ids.insert(entry.link.id);
      for (uint8_t n = 1; n <= 6; ++n) CHECK(ids.count(entryId(n)) == 1);
      auto place = wire::LogPlace::start(scene.log.id());
      for (const auto& entry : page.entries) place = *place.after(entry.link);
      CHECK(place.head == page.receipt->leaf.head);
    }
  }
}

TEST_CASE("what was acknowledged survives the power going at any sync") {
  for (uint64_t nth = 1; nth <= 5; ++nth) {
    OnFaultyDisk scene;
    scene.disk.fail({.call = Call::sync, .nth = nth, .then = Then::powerGoes});
    std::set<uint8_t> acknowledged;
    for (uint8_t n = 1; n <= 6; ++n) {
      if (scene.world.wait(scene.append(n))) acknowledged.insert(n);
    }
    scene.world.close();
    scene.disk.restorePower(test::FaultyVfs::Unsynced::lost);
    scene.world.restart();
    std::set<EntryId> ids;
    for (const auto& entry : scene.log.page(scene.bob.device()).entries) ids.insert(entry.link.id);
    for (uint8_t n : acknowledged) CHECK(ids.contains(entryId(n)));
  }
}
