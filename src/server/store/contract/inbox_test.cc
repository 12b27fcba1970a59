#include "server/store/inbox.h"

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

const AccountId kAlice = id<AccountId>(1);
const AccountId kBob = id<AccountId>(2);

void addPeople(Subject& store) {
  store.write([](Tables& tables) {
    must(tables.accounts.add(account(1, "alice"), 5));
    must(tables.accounts.add(account(2, "bob"), 5));
  });
}

}  // namespace

TEST_CASE("an index counts its own changes, and a log stands at its newest", "[contract]") {
  Subject store(anyEngine());
  addPeople(store);
  auto [first, second] = store.write([](Tables& tables) {
    LogKey first = addLog(tables, 1).key;
    LogKey second = addLog(tables, 2).key;
    CHECK(must(tables.inbox.touch(kAlice, first)) == 1);
    CHECK(must(tables.inbox.touch(kAlice, second)) == 2);
    CHECK(must(tables.inbox.touch(kBob, first)) == 1);
    CHECK(must(tables.inbox.touch(kAlice, first)) == 3);
    return std::pair{first, second};
  });
  store.read([&](Tables& tables) {
    CHECK(must(tables.inbox.newest(kAlice)) == 3);
    CHECK(must(tables.inbox.size(kAlice)) == 2);
    CHECK(must(tables.inbox.lists(kAlice, second)));
    CHECK(!must(tables.inbox.lists(kBob, second)));
    CHECK(must(tables.inbox.read(kAlice, 0, 10)) == std::vector<InboxEntry>{{2, second}, {3, first}});
    CHECK(must(tables.inbox.read(kAlice, 2, 10)) == std::vector<InboxEntry>{{3, first}});
    CHECK(must(tables.inbox.read(kAlice, 3, 10)).empty());
    CHECK(must(tables.inbox.read(kAlice, 0, 1)) == std::vector<InboxEntry>{{2, second}});
    CHECK(must(tables.inbox.read(kBob, 0, 10)) == std::vector<InboxEntry>{{1, first}});
  });
}

TEST_CASE("an account that is not there has no index to change", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    LogKey log = addLog(tables, 1).key;
    CHECK(must(tables.inbox.touch(kAlice, log)) == 0);
    CHECK(!must(tables.inbox.lists(kAlice, log)));
    CHECK(must(tables.inbox.newest(kAlice)) == 0);
    CHECK(must(tables.inbox.size(kAlice)) == 0);
  });
}

TEST_CASE("a pair leads to the log it was given last, whoever asks", "[contract]") {
  Subject store(anyEngine());
  Pair pair = Pair::of(kBob, kAlice);
  store.write([&](Tables& tables) {
    CHECK(!must(tables.direct.find(pair)));
    must(tables.direct.put(pair, id<LogId>(1)));
    must(tables.direct.put(Pair::of(kAlice, kAlice), id<LogId>(2)));
    must(tables.direct.put(pair, id<LogId>(3)));
  });
  store.read([&](Tables& tables) {
    CHECK(must(tables.direct.find(Pair::of(kAlice, kBob))) == id<LogId>(3));
    CHECK(must(tables.direct.find(Pair::of(kAlice, kAlice))) == id<LogId>(2));
    CHECK(!must(tables.direct.find(Pair::of(kBob, kBob))));
  });
}
