#include "server/store/key_packages.h"

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

const AccountId kAlice = id<AccountId>(1);
constexpr uint64_t kNow = 1'000;
constexpr uint64_t kLater = 5'000;

std::optional<Bytes> bodyOf(const std::optional<TakenPackage>& taken) {
  return taken ? std::optional(taken->body) : std::nullopt;
}

}  // namespace

TEST_CASE("packages are taken once each, the oldest first, and the last resort stays", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.keyPackages.replaceLastResort(device(1), package(9, kLater)));
    must(tables.keyPackages.add(device(1), package(2, kLater)));
    must(tables.keyPackages.add(device(1), package(1, kLater)));
    must(tables.keyPackages.add(device(1, 2), package(3, kLater)));
  });
  store.write([](Tables& tables) {
    auto& packages = tables.keyPackages;
    CHECK(must(packages.count(device(1), kNow)).packages == 2);
    CHECK(must(packages.count(device(1), kNow)).lastResort);
    CHECK(!must(packages.count(device(1, 2), kNow)).lastResort);
    auto first = must(packages.take(device(1), kNow));
    CHECK(bodyOf(first) == Bytes(20, 2));
    CHECK(!first->lastResort);
    CHECK(bodyOf(must(packages.take(device(1), kNow))) == Bytes(20, 1));
    for (int i = 0; i < 2; ++i) {
      auto last = must(packages.take(device(1), kNow));
      CHECK(bodyOf(last) == Bytes(20, 9));
      CHECK(last->lastResort);
    }
    CHECK(must(packages.count(device(1), kNow)).packages == 0);
    CHECK(bodyOf(must(packages.take(device(1, 2), kNow))) == Bytes(20, 3));
    CHECK(!must(packages.take(device(1, 2), kNow)));
  });
}

TEST_CASE("what has expired is neither counted nor taken", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.keyPackages.add(device(1), package(1, kNow)));
    must(tables.keyPackages.add(device(1), package(2, kNow + 1)));
    must(tables.keyPackages.replaceLastResort(device(1), package(9, kNow)));
    CHECK(must(tables.keyPackages.count(device(1), kNow)).packages == 1);
    CHECK(!must(tables.keyPackages.count(device(1), kNow)).lastResort);
    CHECK(bodyOf(must(tables.keyPackages.take(device(1), kNow))) == Bytes(20, 2));
    CHECK(!must(tables.keyPackages.take(device(1), kNow)));
  });
}

TEST_CASE("a last resort takes the place of the one before", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.keyPackages.replaceLastResort(device(1), package(1, kLater)));
    must(tables.keyPackages.replaceLastResort(device(1), package(2, kLater)));
    CHECK(bodyOf(must(tables.keyPackages.take(device(1), kNow))) == Bytes(20, 2));
  });
}

TEST_CASE("a package's hash is seen once for each account, whatever becomes of the package", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.keyPackages.add(device(1), package(1, kLater)));
    must(tables.keyPackages.replaceLastResort(device(1), package(2, kLater)));
    must(tables.keyPackages.removeAll(device(1)));
    CHECK(!must(tables.keyPackages.take(device(1), kNow)));
    for (uint8_t n : {uint8_t{1}, uint8_t{2}}) CHECK(must(tables.keyPackages.seen(kAlice, hash(n))));
    CHECK(!must(tables.keyPackages.seen(kAlice, hash(3))));
    CHECK(!must(tables.keyPackages.seen(id<AccountId>(2), hash(1))));
    must(tables.keyPackages.add(device(2), package(1, kLater)));
  });
  for (bool asLastResort : {false, true}) {
    auto transaction = store.writer().write();
    auto& packages = transaction->tables().keyPackages;
    auto added = asLastResort ? packages.replaceLastResort(device(1), package(1, kLater))
                              : packages.add(device(1), package(1, kLater));
    CHECK(!added);
  }
}

TEST_CASE("an answer is remembered by account, taker and request, once", "[contract]") {
  Subject store(anyEngine());
  auto request = id<RequestId>(1);
  store.write(
      [&](Tables& tables) { must(tables.keyPackages.remember(kAlice, device(2), request, Bytes(5, 1), kNow)); });
  store.read([&](Tables& tables) {
    CHECK(must(tables.keyPackages.answer(kAlice, device(2), request)) == Bytes(5, 1));
    CHECK(!must(tables.keyPackages.answer(kAlice, device(2, 2), request)));
    CHECK(!must(tables.keyPackages.answer(kAlice, device(2), id<RequestId>(2))));
    CHECK(!must(tables.keyPackages.answer(id<AccountId>(3), device(2), request)));
  });
  auto transaction = store.writer().write();
  CHECK(!transaction->tables().keyPackages.remember(kAlice, device(2), request, Bytes(5, 2), kNow));
}

TEST_CASE("of a restored store's packages the last resorts stay", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    for (uint8_t account : {uint8_t{1}, uint8_t{2}}) {
      must(tables.keyPackages.add(device(account), package(1, kLater)));
      must(tables.keyPackages.replaceLastResort(device(account), package(9, kLater)));
    }
    must(tables.keyPackages.removeOneTime());
    for (uint8_t account : {uint8_t{1}, uint8_t{2}}) {
      CHECK(must(tables.keyPackages.take(device(account), kNow)).value().lastResort);
      CHECK(must(tables.keyPackages.seen(id<AccountId>(account), hash(1))));
    }
  });
}

TEST_CASE("a sweep forgets what is over, at most so many rows of each kind", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    for (uint8_t n : {uint8_t{1}, uint8_t{2}, uint8_t{3}}) {
      must(tables.keyPackages.add(device(1), package(n, kNow)));
      must(tables.keyPackages.remember(kAlice, device(2), id<RequestId>(n), Bytes(5, n), kNow - 1));
    }
    must(tables.keyPackages.add(device(1), package(4, kNow + 1)));
    must(tables.keyPackages.remember(kAlice, device(2), id<RequestId>(4), Bytes(5, 4), kNow));
    CHECK(must(tables.keyPackages.sweep(kNow, kNow, 2)) == 6);
    CHECK(must(tables.keyPackages.sweep(kNow, kNow, 2)) == 3);
    CHECK(must(tables.keyPackages.sweep(kNow, kNow, 2)) == 0);
    CHECK(!must(tables.keyPackages.seen(kAlice, hash(1))));
    CHECK(must(tables.keyPackages.seen(kAlice, hash(4))));
    CHECK(!must(tables.keyPackages.answer(kAlice, device(2), id<RequestId>(1))));
    CHECK(must(tables.keyPackages.answer(kAlice, device(2), id<RequestId>(4))));
    CHECK(bodyOf(must(tables.keyPackages.take(device(1), 0))) == Bytes(20, 4));
  });
}
