#include "server/store/holdings.h"

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

const AccountId kAlice = id<AccountId>(1);
const AccountId kBob = id<AccountId>(2);
const LogId kLog = id<LogId>(1);

Holding holding(const AccountId& account, const std::optional<LogId>& log, uint8_t n, uint64_t size,
                uint64_t untilMs = 1'000) {
  return {0, account, log, hash(n), size, false, untilMs};
}

std::vector<uint8_t> hashesOf(const std::vector<Holdings::Named>& named) {
  std::vector<uint8_t> hashes;
  for (const auto& file : named) hashes.push_back(file.hash.front());
  return hashes;
}

}  // namespace

TEST_CASE("a holding is found by account, log and hash, and by its key", "[contract]") {
  Subject store(anyEngine());
  auto [forLog, blob] = store.write([](Tables& tables) {
    return std::pair{must(tables.holdings.add(holding(kAlice, kLog, 1, 10))),
                     must(tables.holdings.add(holding(kAlice, std::nullopt, 1, 10)))};
  });
  CHECK(forLog != blob);
  store.read([&](Tables& tables) {
    Holding expected = holding(kAlice, kLog, 1, 10);
    expected.key = forLog;
    CHECK(must(tables.holdings.at(forLog)) == expected);
    CHECK(must(tables.holdings.find(kAlice, kLog, hash(1))) == expected);
    CHECK(must(tables.holdings.find(kAlice, std::nullopt, hash(1))).value().key == blob);
    CHECK(!must(tables.holdings.find(kBob, kLog, hash(1))));
    CHECK(!must(tables.holdings.find(kAlice, id<LogId>(2), hash(1))));
    CHECK(!must(tables.holdings.find(kAlice, kLog, hash(2))));
    CHECK(!must(tables.holdings.at(blob + 1)));
  });
  for (const auto& log : {std::optional(kLog), std::optional<LogId>()}) {
    auto transaction = store.writer().write();
    CHECK(!transaction->tables().holdings.add(holding(kAlice, log, 1, 10)));
  }
}

TEST_CASE("the key of a holding is never given to another", "[contract]") {
  Subject store(anyEngine());
  int64_t first = store.write([](Tables& tables) { return must(tables.holdings.add(holding(kAlice, kLog, 1, 10))); });
  store.write([&](Tables& tables) { must(tables.holdings.drop(first)); });
  int64_t second = store.write([](Tables& tables) { return must(tables.holdings.add(holding(kAlice, kLog, 1, 10))); });
  CHECK(second > first);
}

TEST_CASE("a holding is completed, kept longer and dropped", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    int64_t key = must(tables.holdings.add(holding(kAlice, kLog, 1, 10, 100)));
    must(tables.holdings.keepUntil(key, 200));
    CHECK(must(tables.holdings.at(key)).value().untilMs == 200);
    CHECK(!must(tables.holdings.at(key)).value().complete);
    must(tables.holdings.complete(key, 300));
    CHECK(must(tables.holdings.at(key)).value().untilMs == 300);
    CHECK(must(tables.holdings.at(key)).value().complete);
    must(tables.holdings.drop(key));
    CHECK(!must(tables.holdings.at(key)));
    CHECK(!must(tables.holdings.find(kAlice, kLog, hash(1))));
    // Of one that is gone there is nothing to change.
    must(tables.holdings.complete(key, 400));
    must(tables.holdings.keepUntil(key, 400));
    must(tables.holdings.drop(key));
    CHECK(!must(tables.holdings.at(key)));
  });
}

TEST_CASE("what an account holds counts from its announcement, for logs and as blobs apart", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.holdings.add(holding(kAlice, kLog, 1, 10)));
    must(tables.holdings.add(holding(kAlice, id<LogId>(2), 1, 10)));
    int64_t blob = must(tables.holdings.add(holding(kAlice, std::nullopt, 2, 100)));
    must(tables.holdings.add(holding(kBob, kLog, 3, 1'000)));
    must(tables.holdings.complete(blob, 1));
    CHECK(must(tables.holdings.heldForLogs(kAlice)) == Held{20, 2});
    CHECK(must(tables.holdings.heldAsBlobs(kAlice)) == Held{100, 1});
    CHECK(must(tables.holdings.heldAsBlobs(kBob)) == Held());
  });
}

TEST_CASE("a file is named by complete holdings and by entries, and counts for each", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    int64_t mine = must(tables.holdings.add(holding(kAlice, std::nullopt, 5, 50)));
    int64_t other = must(tables.holdings.add(holding(kBob, std::nullopt, 5, 50)));
    must(tables.holdings.add(holding(kAlice, kLog, 6, 60)));
    CHECK(!must(tables.holdings.isNamed(hash(5))));
    CHECK(!must(tables.holdings.blob(hash(5))));
    must(tables.holdings.complete(mine, 1));
    must(tables.holdings.complete(other, 1));
    Log log = addLog(tables, 1);
    must(append(tables, log, {.id = 3, .largeSize = 30, .largeWelcome = 31}));
    for (uint8_t n : {uint8_t{3}, uint8_t{103}, uint8_t{5}}) CHECK(must(tables.holdings.isNamed(hash(n))));
    CHECK(!must(tables.holdings.isNamed(hash(6))));
    CHECK(must(tables.holdings.blob(hash(5))) == 50);
    CHECK(!must(tables.holdings.blob(hash(3))));
    CHECK(must(tables.holdings.total()) == Held{50 + 50 + 30 + 31, 4});
    CHECK(hashesOf(must(tables.holdings.named({}, 10))) == std::vector<uint8_t>{3, 5, 103});
    CHECK(must(tables.holdings.named({}, 1)).front().size == 30);
    CHECK(hashesOf(must(tables.holdings.named(hash(3), 1))) == std::vector<uint8_t>{5});
    CHECK(hashesOf(must(tables.holdings.named(hash(103), 10))).empty());
    must(tables.holdings.drop(mine));
    CHECK(must(tables.holdings.isNamed(hash(5))));
    must(tables.holdings.drop(other));
    CHECK(!must(tables.holdings.isNamed(hash(5))));
  });
}

TEST_CASE("holdings whose time is over come in that order, at most so many", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    for (auto [n, untilMs] :
         {std::pair{uint8_t{1}, 300u}, {uint8_t{2}, 100u}, {uint8_t{3}, 200u}, {uint8_t{4}, 301u}}) {
      must(tables.holdings.add(holding(kAlice, kLog, n, 10, untilMs)));
    }
    auto over = must(tables.holdings.over(300, 10));
    REQUIRE(over.size() == 3);
    CHECK(over[0].hash == hash(2));
    CHECK(over[2].hash == hash(1));
    CHECK(must(tables.holdings.over(300, 1)).size() == 1);
    CHECK(must(tables.holdings.over(99, 10)).empty());
  });
}
