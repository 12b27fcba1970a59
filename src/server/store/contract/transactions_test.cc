#include "server/store/connection.h"

#include <atomic>
#include <format>
#include <thread>

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

const AccountId kAlice = id<AccountId>(1);

Result<void> addLogOf(Tables& tables, uint8_t n) { return tables.logs.add({id<LogId>(n), kAlice, {}}, 10); }

bool holdsLog(Connection& connection, uint8_t n) {
  auto view = connection.read();
  REQUIRE(view);
  return must(view->tables().logs.find(id<LogId>(n))).has_value();
}

// Something of every noun, written over what `begin` has left: new rows, rows that change and rows that go.
void begin(Tables& tables) {
  must(tables.accounts.add(account(1, "alice"), 5));
  Log log = addLog(tables, 1);
  for (uint8_t n : {uint8_t{1}, uint8_t{2}, uint8_t{3}}) must(append(tables, log, {.id = n, .largeSize = 100}));
  must(tables.rights.put(log.key, device(1), {1, {}}));
  must(tables.inbox.touch(kAlice, log.key));
  must(tables.direct.put(Pair::of(kAlice, kAlice), log.id));
  must(tables.keyPackages.add(device(1), package(1, 1'000)));
  must(tables.keyPackages.replaceLastResort(device(1), package(2, 1'000)));
  must(tables.holdings.add({0, kAlice, {}, hash(50), 5, false, 10}));
  for (uint8_t n : {uint8_t{60}, uint8_t{61}}) must(tables.invites.add({hash(n), std::to_string(n), 2, {10}}));
  must(tables.state.make({id<Incarnation>(1), Secret<32>(), SecretBytes(Bytes(4))}));
  must(tables.state.setAge({1}));
}

Result<void> change(Tables& tables) {
  TRY(tables.accounts.add(account(2, "bob"), 5));
  TRY(tables.accounts.replaceVault(credentials(kAlice, 9), vault(kAlice, 9)));
  TRY(tables.accounts.replaceDeviceList(deviceList(kAlice, 2)));
  TRY(tables.accounts.putCertificate(certificate(device(1), 2)));
  Log log = TRY(tables.logs.find(id<LogId>(1))).value();
  TRY(append(tables, log, {.id = 4, .welcome = 10, .largeWelcome = {}}));
  TRY(append(tables, log, {.id = 5, .largeSize = 100}));
  TRY(tables.logs.setAppendToken(log.key, hash(1)));
  TRY(tables.logs.prune(log, 2, 2'000));
  TRY(tables.logs.forgetMarks(2'000, 1));
  TRY(tables.logs.add({id<LogId>(2), kAlice, Pair::of(kAlice, kAlice)}, 10));
  TRY(tables.logs.succeed(id<LogId>(1), id<LogId>(2)));
  TRY(tables.direct.put(Pair::of(kAlice, kAlice), id<LogId>(2)));
  TRY(tables.rights.put(log.key, device(1), {4, {}}));
  TRY(tables.rights.acknowledge(log.key, device(1), 3));
  TRY(tables.rights.forgetUpTo(log.key, 3));
  TRY(tables.inbox.touch(kAlice, log.key));
  TRY(tables.keyPackages.take(device(1), 10));
  TRY(tables.keyPackages.add(device(1), package(3, 1'000)));
  TRY(tables.keyPackages.replaceLastResort(device(1), package(4, 1'000)));
  TRY(tables.keyPackages.remember(kAlice, device(2), id<RequestId>(1), Bytes(3), 10));
  int64_t held = TRY(tables.holdings.find(kAlice, {}, hash(50))).value().key;
  TRY(tables.holdings.complete(held, 20));
  TRY(tables.holdings.add({0, kAlice, id<LogId>(1), hash(51), 6, false, 10}));
  TRY(tables.invites.use(hash(60)));
  TRY(tables.invites.drop("61"));
  TRY(tables.invites.add({hash(62), "62", 3, {10}}));
  TRY(tables.state.beginIncarnation(id<Incarnation>(2), 10));
  TRY(tables.state.refillWindow({100}));
  TRY(tables.state.addReceiptKey({1, Secret<32>(), 1}));
  TRY(tables.state.setAge({2}));
  TRY(tables.state.probe());
  return {};
}

// Everything `change` touches, as one text.
std::string picture(Tables& tables) {
  std::string text;
  auto add = [&](auto... parts) { ((text += std::format("{} ", parts)), ...); };
  for (uint8_t n : {uint8_t{1}, uint8_t{2}}) {
    AccountId account = id<AccountId>(n);
    add("account", n, must(tables.accounts.person(account)).has_value(), must(tables.inbox.newest(account)));
    if (auto list = must(tables.accounts.deviceList(account))) add(list->tbs.listVersion);
    if (auto vault = must(tables.accounts.vault(account))) add(vault->byPassword.revision);
    if (auto kept = must(tables.accounts.credentials(account))) add(kept->cost.passes);
    if (auto paper = must(tables.accounts.certificate(device(n)))) add(paper->tbs.listVersion);
    for (const InboxEntry& entry : must(tables.inbox.read(account, 0, 10))) add("inbox", entry.change);
  }
  add(must(tables.accounts.find(userName("bob"))).has_value());
  for (const Invite& invite : must(tables.invites.all())) add("invite", invite.prefix, invite.usesLeft);
  for (uint8_t n : {uint8_t{1}, uint8_t{2}}) {
    auto log = must(tables.logs.find(id<LogId>(n)));
    if (!log) continue;
    add("log", n, log->newest.seq, log->pruned.seq, log->successor.has_value(), toHex(log->newest.head));
    for (uint64_t seq = 1; seq <= 5; ++seq) add(must(tables.logs.markAt(log->key, seq)).has_value());
    for (uint8_t entry = 1; entry <= 5; ++entry)
      add(must(tables.logs.markOf(log->key, id<EntryId>(entry))).has_value());
    add("bodies", must(tables.logs.read(log->key, 1, 9, 0, 9, 9'999)).size());
    auto stretch = must(tables.rights.next(log->key, device(1), 0));
    add("rights", stretch ? stretch->rights.begin : 0, must(tables.rights.firstNeeded(log->key)).value_or(0));
  }
  for (LogKey key : must(tables.logs.withOlder(5'000, 10))) add("older", toHex(must(tables.logs.at(key)).id.view()));
  add("direct", toHex(must(tables.direct.find(Pair::of(kAlice, kAlice))).value_or(LogId()).view()));
  for (uint8_t n = 1; n <= 4; ++n) add("seen", must(tables.keyPackages.seen(kAlice, hash(n))));
  auto count = must(tables.keyPackages.count(device(1), 10));
  add(count.packages, count.lastResort,
      must(tables.keyPackages.answer(kAlice, device(2), id<RequestId>(1))).has_value());
  for (const auto& file : must(tables.holdings.named({}, 10))) add("file", toHex(file.hash), file.size);
  add(must(tables.holdings.heldAsBlobs(kAlice)).files, must(tables.holdings.heldForLogs(kAlice)).bytes);
  add("state", toHex(must(tables.state.read()).value().incarnation.view()), must(tables.state.receiptKeys()).size());
  add(must(tables.state.age()).value().unixMs);
  return text;
}

// What `change` comes to, beside what was before.
struct Pictures {
  std::string before;
  std::string after;
  uint64_t calls;  // its own, its beginning and its commit
};

Pictures picturesOf(Engine engine) {
  Subject store(engine);
  store.write([](Tables& tables) { begin(tables); });
  std::string before = store.read(picture);
  store.calls().set({});
  store.write([](Tables& tables) { must(change(tables)); });
  return {before, store.read(picture), store.calls().count()};
}

Result<void> tryChange(Connection& connection) {
  Transaction transaction = TRY(connection.write());
  TRY(change(transaction.tables()));
  return transaction.commit();
}

}  // namespace

TEST_CASE("what is committed is there, and what is given up never was", "[contract]") {
  Subject store(anyEngine());
  {
    auto transaction = store.writer().write();
    REQUIRE(transaction);
    must(addLogOf(transaction->tables(), 1));
    CHECK(must(transaction->tables().logs.find(id<LogId>(1))));
  }
  CHECK(!holdsLog(store.reader(), 1));
  store.write([](Tables& tables) { must(addLogOf(tables, 2)); });
  CHECK(holdsLog(store.reader(), 2));
  CHECK(!holdsLog(store.reader(), 1));
}

TEST_CASE("giving up takes back something of every noun", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) { begin(tables); });
  std::string before = store.read(picture);
  {
    auto transaction = store.writer().write();
    REQUIRE(transaction);
    must(change(transaction->tables()));
    CHECK(picture(transaction->tables()) != before);
  }
  CHECK(store.read(picture) == before);
  store.write([](Tables& tables) { must(change(tables)); });
  CHECK(store.read(picture) != before);
}

TEST_CASE("a connection has one transaction at a time", "[contract]") {
  Subject store(anyEngine());
  auto transaction = store.writer().write();
  REQUIRE(transaction);
  must(addLogOf(transaction->tables(), 1));
  auto inside = store.writer().write();
  REQUIRE(!inside);
  CHECK(inside.error().code == Error::Code::failed);
  CHECK(!store.writer().read());
  REQUIRE(transaction->commit());
  CHECK(holdsLog(store.writer(), 1));
}

TEST_CASE("a view changes nothing", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) { begin(tables); });
  std::string before = store.read(picture);
  for (Connection* connection : {&store.reader(), &store.writer()}) {
    auto view = connection->read();
    REQUIRE(view);
    CHECK(!addLogOf(view->tables(), 9));
    CHECK(!view->tables().accounts.add(account(2, "bob"), 5));
    CHECK(!view->tables().keyPackages.take(device(1), 10));
    CHECK(!view->tables().state.setAge({7}));
    CHECK(!view->tables().direct.put(Pair::of(kAlice, kAlice), id<LogId>(9)));
  }
  CHECK(store.read(picture) == before);
}

TEST_CASE("a view stays as it is while others write", "[contract]") {
  Subject store(anyEngine());
  auto view = store.reader().read();
  REQUIRE(view);
  CHECK(!must(view->tables().logs.find(id<LogId>(1))));
  std::atomic<bool> committed = false;
  {
    std::jthread other([&]() {
      auto transaction = store.writer().write();
      committed = transaction && addLogOf(transaction->tables(), 1) && transaction->commit();
    });
    // An engine may let it commit beside the view, or wait for the view's end.
    std::this_thread::sleep_for(Calls::kWait);
    CHECK(!must(view->tables().logs.find(id<LogId>(1))));
    REQUIRE(view->commit());
  }
  CHECK(committed);
  CHECK(holdsLog(store.reader(), 1));
}

TEST_CASE("whichever call fails, nothing of its transaction is there, and the store works on", "[contract]") {
  Engine engine = faultyEngine();
  Pictures pictures = picturesOf(engine);
  REQUIRE(pictures.before != pictures.after);
  Subject store(engine);
  store.write([](Tables& tables) { begin(tables); });
  for (uint64_t nth = 1; nth <= pictures.calls; ++nth) {
    store.calls().set(Fault{.nth = nth});
    auto changed = tryChange(store.writer());
    INFO(nth);
    REQUIRE(!changed);
    CHECK(changed.error().code == Error::Code::failed);
    store.calls().set({});
    CHECK(store.read(picture) == pictures.before);
  }
  REQUIRE(tryChange(store.writer()));
  CHECK(store.read(picture) == pictures.after);
}

TEST_CASE("whichever call takes its time, others see all of its transaction or nothing", "[contract]") {
  Engine engine = faultyEngine();
  Pictures pictures = picturesOf(engine);
  for (uint64_t nth = 1; nth <= pictures.calls; nth += 5) {
    Subject store(engine);
    store.write([](Tables& tables) { begin(tables); });
    store.calls().set(Fault{.nth = nth, .then = Fault::Then::waits});
    std::atomic<bool> changed = false;
    std::vector<std::string> seen;
    {
      std::jthread other([&]() { changed = tryChange(store.writer()).has_value(); });
      do {
        seen.push_back(store.read(picture));
      } while (seen.back() == pictures.before);
    }
    CHECK(changed);
    CHECK(seen.back() == pictures.after);
  }
}

TEST_CASE("a commit of which nobody hears has happened whole or not at all, and asking by key tells", "[contract]") {
  Engine engine = faultyEngine();
  Pictures pictures = picturesOf(engine);
  for (auto then : {Fault::Then::answerLost, Fault::Then::requestLost}) {
    Subject store(engine);
    store.write([](Tables& tables) { begin(tables); });
    store.calls().set(Fault{.of = Fault::Of::commit, .then = then});
    auto changed = tryChange(store.writer());
    REQUIRE(!changed);
    CHECK(changed.error().code == Error::Code::ambiguous);
    bool happened = then == Fault::Then::answerLost;
    CHECK(store.read(picture) == (happened ? pictures.after : pictures.before));
    bool known = store.read([](Tables& tables) {
      Log log = must(tables.logs.find(id<LogId>(1))).value();
      return must(tables.logs.markOf(log.key, id<EntryId>(5))).has_value();
    });
    CHECK(known == happened);
    if (!known) REQUIRE(tryChange(store.writer()));
    CHECK(store.read(picture) == pictures.after);
  }
}
