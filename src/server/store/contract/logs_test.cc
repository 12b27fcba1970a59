#include "server/store/logs.h"

#include "crypto/hash.h"
#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

const AccountId kAlice = id<AccountId>(1);
constexpr uint64_t kAll = 1'000;

std::vector<uint64_t> seqsOf(const std::vector<Entry>& entries) {
  std::vector<uint64_t> seqs;
  for (const Entry& entry : entries) seqs.push_back(entry.link.seq);
  return seqs;
}

// A log with entries 1 … count, ids the same, at times 100, 200, …
Log logWith(Tables& tables, uint8_t n, uint8_t count) {
  Log log = addLog(tables, n);
  for (uint8_t entry = 1; entry <= count; ++entry) {
    must(append(tables, log, {.id = entry, .timeMs = uint64_t{entry} * 100}));
  }
  return log;
}

}  // namespace

TEST_CASE("a log begins empty, at the start of its chain, and is found by id and by key", "[contract]") {
  Subject store(anyEngine());
  Pair pair = Pair::of(kAlice, id<AccountId>(2));
  store.write([&](Tables& tables) {
    must(tables.logs.add({id<LogId>(1), kAlice, {}}, 10));
    must(tables.logs.add({id<LogId>(2), kAlice, pair}, 10));
  });
  store.read([&](Tables& tables) {
    Log log = must(tables.logs.find(id<LogId>(1))).value();
    CHECK(log.creator == kAlice);
    CHECK(!log.pair);
    CHECK(!log.successor);
    CHECK(log.newest == wire::LogPlace::start(log.id));
    CHECK(log.pruned == wire::LogPlace::start(log.id));
    CHECK(must(tables.logs.at(log.key)).id == log.id);
    Log direct = must(tables.logs.find(id<LogId>(2))).value();
    CHECK(direct.pair == pair);
    CHECK(direct.key != log.key);
    CHECK(!must(tables.logs.find(id<LogId>(3))));
  });
}

TEST_CASE("a log id is one log's, and a key that leads nowhere is damage", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) { addLog(tables, 1); });
  auto transaction = store.writer().write();
  CHECK(!transaction->tables().logs.add({id<LogId>(1), kAlice, {}}, 10));
  auto nowhere = transaction->tables().logs.at(LogKey{1'000'000});
  REQUIRE(!nowhere);
  CHECK(nowhere.error().code == Error::Code::damaged);
}

TEST_CASE("a log is succeeded, and counts for whoever began it", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    addLog(tables, 1, 100);
    addLog(tables, 2, 200);
    addLog(tables, 3, 300);
    must(tables.logs.add({id<LogId>(4), id<AccountId>(2), {}}, 200));
    must(tables.logs.succeed(id<LogId>(1), id<LogId>(2)));
    CHECK(must(tables.logs.find(id<LogId>(1))).value().successor == id<LogId>(2));
    CHECK(must(tables.logs.begunBetween(kAlice, 100, 300)) == 2);
    CHECK(must(tables.logs.begunBetween(kAlice, 99, 299)) == 2);
    CHECK(must(tables.logs.begunBetween(id<AccountId>(3), 0, 300)) == 0);
  });
}

TEST_CASE("an append moves the log, and its mark is found by id and by number", "[contract]") {
  Subject store(anyEngine());
  Log log = store.write([](Tables& tables) {
    Log log = logWith(tables, 1, 2);
    must(tables.logs.setAppendToken(log.key, hash(1)));
    return log;
  });
  CHECK(log.newest.seq == 2);
  store.read([&](Tables& tables) {
    CHECK(must(tables.logs.at(log.key)).newest == log.newest);
    EntryMark mark = must(tables.logs.markOf(log.key, id<EntryId>(2))).value();
    CHECK(mark.place() == log.newest);
    CHECK(mark.timeMs == 200);
    CHECK(mark.envelope == crypto::sha256(Bytes(10, 2)));
    CHECK(must(tables.logs.markAt(log.key, 2)).value().id == id<EntryId>(2));
    CHECK(!must(tables.logs.markOf(log.key, id<EntryId>(3))));
    CHECK(!must(tables.logs.markAt(log.key, 3)));
    CHECK(!must(tables.logs.markAt(LogKey{1'000'000}, 1)));
  });
}

TEST_CASE("a number or an id that a log has already is refused, also in a log read before", "[contract]") {
  Subject store(anyEngine());
  Log log = store.write([](Tables& tables) { return logWith(tables, 1, 2); });
  {
    auto transaction = store.writer().write();
    Log stale = log;
    stale.newest = must(transaction->tables().logs.markAt(log.key, 1)).value().place();
    auto appended = append(transaction->tables(), stale, {.id = 7});
    REQUIRE(!appended);
    CHECK(appended.error().code == Error::Code::failed);
  }
  {
    auto transaction = store.writer().write();
    CHECK(!append(transaction->tables(), log, {.id = 1}));
  }
  store.write([](Tables& tables) {
    Log other = addLog(tables, 2);
    must(append(tables, other, {.id = 1}));
  });
  store.read([&](Tables& tables) { CHECK(must(tables.logs.at(log.key)).newest.seq == 2); });
}

TEST_CASE("entries are read in order, up to a number, a count and a sum of bytes", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    Log log = logWith(tables, 1, 5);
    logWith(tables, 2, 5);
    auto read = [&](uint64_t first, uint64_t last, std::size_t entriesMax, std::size_t bytesMax) {
      return seqsOf(must(tables.logs.read(log.key, first, last, 0, entriesMax, bytesMax)));
    };
    CHECK(read(1, 5, kAll, kAll) == std::vector<uint64_t>{1, 2, 3, 4, 5});
    CHECK(read(2, 4, kAll, kAll) == std::vector<uint64_t>{2, 3, 4});
    CHECK(read(1, 5, 2, kAll) == std::vector<uint64_t>{1, 2});
    CHECK(read(1, 5, kAll, 20) == std::vector<uint64_t>{1, 2});
    CHECK(read(1, 5, kAll, 29) == std::vector<uint64_t>{1, 2});
    CHECK(read(3, 5, kAll, 0) == std::vector<uint64_t>{3});
    CHECK(read(6, 9, kAll, kAll).empty());
    Entry entry = must(tables.logs.read(log.key, 3, 3, 0, 1, kAll)).front();
    CHECK(entry.link.id == id<EntryId>(3));
    CHECK(entry.link.kind == wire::EntryKind::message);
    CHECK(entry.envelope == Body(Bytes(10, 3)));
    CHECK(!entry.hasWelcome);
  });
}

TEST_CASE("a Welcome is read where it is asked for, and counts there", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    Log log = addLog(tables, 1);
    must(append(tables, log, {.id = 1, .welcome = 30}));
    must(append(tables, log, {.id = 2, .welcome = 30}));
    must(append(tables, log, {.id = 3, .welcome = 0}));
    auto entries = must(tables.logs.read(log.key, 1, 3, 2, kAll, kAll));
    REQUIRE(entries.size() == 3);
    for (const Entry& entry : entries) CHECK(entry.hasWelcome);
    CHECK(!entries[0].welcome);
    CHECK(entries[0].link.welcome == crypto::sha256(Bytes(30, 1)));
    CHECK(entries[1].welcome == Body(Bytes(30, 2)));
    CHECK(seqsOf(must(tables.logs.read(log.key, 1, 3, 2, kAll, 49))) == std::vector<uint64_t>{1});
    // One that whoever gave the entry back did not have (server/refill.h).
    CHECK(must(tables.logs.read(log.key, 3, 3, 3, kAll, kAll)).front().welcome == Body(Bytes()));
  });
}

TEST_CASE("a part in a file is named by hash and size, and its size counts", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    Log log = addLog(tables, 1);
    must(append(tables, log, {.id = 1, .largeSize = 500, .largeWelcome = 700}));
    must(append(tables, log, {.id = 2}));
    auto entries = must(tables.logs.read(log.key, 1, 2, 1, kAll, 2'000));
    REQUIRE(entries.size() == 2);
    CHECK(entries[0].envelope == Body(LargePart{500}));
    CHECK(entries[0].welcome == Body(LargePart{700}));
    CHECK(must(tables.logs.read(log.key, 1, 2, 1, kAll, 1'209)).size() == 1);
    auto envelope = must(tables.logs.large(log.key, 1, BodyPart::envelope)).value();
    CHECK(envelope.hash == hash(1));
    CHECK(envelope.size == 500);
    CHECK(must(tables.logs.large(log.key, 1, BodyPart::welcome)).value().hash == hash(101));
    CHECK(!must(tables.logs.large(log.key, 2, BodyPart::envelope)));
    CHECK(must(tables.logs.markOfLarge(log.key, hash(1))).value().id == id<EntryId>(1));
    CHECK(!must(tables.logs.markOfLarge(log.key, hash(101))));
    CHECK(!must(tables.logs.markOfLarge(addLog(tables, 2).key, hash(1))));
  });
}

TEST_CASE("what is pruned leaves its marks and the place behind it, and gives back its files", "[contract]") {
  Subject store(anyEngine());
  Log log = store.write([](Tables& tables) {
    Log log = addLog(tables, 1);
    must(append(tables, log, {.id = 1, .timeMs = 100, .largeSize = 500}));
    must(append(tables, log, {.id = 2, .timeMs = 200}));
    must(append(tables, log, {.id = 3, .timeMs = 300, .largeSize = 500}));
    CHECK(must(tables.logs.prune(log, 2, 1'000)) == std::vector{hash(1)});
    return log;
  });
  store.write([&](Tables& tables) {
    Log stored = must(tables.logs.at(log.key));
    CHECK(stored.pruned == log.pruned);
    CHECK(stored.pruned == must(tables.logs.markAt(log.key, 2)).value().place());
    CHECK(stored.prunedMs == 1'000);
    CHECK(stored.newest.seq == 3);
    CHECK(seqsOf(must(tables.logs.read(log.key, 1, 3, 0, kAll, kAll))) == std::vector<uint64_t>{3});
    CHECK(!must(tables.logs.large(log.key, 1, BodyPart::envelope)));
    CHECK(!must(tables.logs.markOfLarge(log.key, hash(1))));
    CHECK(must(tables.logs.markOf(log.key, id<EntryId>(1))));
    CHECK(must(tables.logs.prune(log, 3, 2'000)) == std::vector{hash(3)});
    CHECK(must(tables.logs.read(log.key, 1, 3, 0, kAll, kAll)).empty());
    auto beyond = tables.logs.prune(log, 4, 3'000);
    REQUIRE(!beyond);
    CHECK(beyond.error().code == Error::Code::damaged);
  });
}

TEST_CASE("a run of old entries ends at the first that is young enough", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    Log log = addLog(tables, 1);
    uint8_t entry = 0;
    for (uint64_t timeMs : {100u, 200u, 500u, 300u, 600u}) must(append(tables, log, {.id = ++entry, .timeMs = timeMs}));
    CHECK(!must(tables.logs.lastOlder(log, 100)));
    CHECK(must(tables.logs.lastOlder(log, 101)) == 1);
    CHECK(must(tables.logs.lastOlder(log, 400)) == 2);
    CHECK(must(tables.logs.lastOlder(log, 1'000)) == 5);
    must(tables.logs.prune(log, 2, 1'000));
    CHECK(!must(tables.logs.lastOlder(log, 400)));
    CHECK(must(tables.logs.lastOlder(log, 501)) == 4);
  });
}

TEST_CASE("logs are found by their oldest body, the oldest first, at most so many", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    Log young = addLog(tables, 1);
    must(append(tables, young, {.id = 1, .timeMs = 300}));
    Log old = logWith(tables, 2, 2);
    addLog(tables, 3);
    CHECK(must(tables.logs.withOlder(300, 10)) == std::vector{old.key});
    CHECK(must(tables.logs.withOlder(301, 10)) == std::vector{old.key, young.key});
    CHECK(must(tables.logs.withOlder(301, 1)) == std::vector{old.key});
    must(tables.logs.prune(old, 1, 1'000));
    CHECK(must(tables.logs.withOlder(200, 10)).empty());
    CHECK(must(tables.logs.withOlder(201, 10)) == std::vector{old.key});
    must(tables.logs.prune(old, 2, 1'000));
    CHECK(must(tables.logs.withOlder(301, 10)) == std::vector{young.key});
    must(append(tables, old, {.id = 9, .timeMs = 250}));
    CHECK(must(tables.logs.withOlder(300, 10)) == std::vector{old.key});
  });
}

TEST_CASE("marks are forgotten by age once their entries are pruned, the oldest first", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    Log log = logWith(tables, 1, 4);
    CHECK(must(tables.logs.forgetMarks(1'000, 10)) == 0);
    must(tables.logs.prune(log, 3, 1'000));
    CHECK(must(tables.logs.forgetMarks(300, 1)) == 1);
    CHECK(!must(tables.logs.markAt(log.key, 1)));
    CHECK(must(tables.logs.markAt(log.key, 2)));
    CHECK(must(tables.logs.forgetMarks(300, 10)) == 1);
    CHECK(must(tables.logs.markOf(log.key, id<EntryId>(3))));
    CHECK(!must(tables.logs.markOf(log.key, id<EntryId>(2))));
    CHECK(must(tables.logs.forgetMarks(1'000, 10)) == 1);
    CHECK(must(tables.logs.markAt(log.key, 4)));
  });
}
