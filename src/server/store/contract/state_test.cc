#include "server/store/state.h"

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

Secret<32> seed(uint8_t n) {
  Secret<32> seed;
  std::ranges::fill(seed.writable(), n);
  return seed;
}

ServerState stateOf(uint8_t n) { return {id<Incarnation>(n), seed(n), SecretBytes(Bytes(64, n))}; }

}  // namespace

TEST_CASE("a server is made once and stays what it is", "[contract]") {
  Subject store(anyEngine());
  store.read([](Tables& tables) { CHECK(!must(tables.state.read())); });
  store.write([](Tables& tables) { must(tables.state.make(stateOf(1))); });
  {
    auto transaction = store.writer().write();
    CHECK(!transaction->tables().state.make(stateOf(2)));
  }
  store.read([](Tables& tables) {
    auto state = must(tables.state.read()).value();
    CHECK(state.incarnation == id<Incarnation>(1));
    CHECK(constantTimeEqual(state.identitySeed.expose(), seed(1).expose()));
    CHECK(constantTimeEqual(state.opaqueSetup.expose(), Bytes(64, 1)));
  });
}

TEST_CASE("receipt keys come by their ids, and an id is one key's", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.state.addReceiptKey({2, seed(2), 20}));
    must(tables.state.addReceiptKey({1, seed(1), 10}));
  });
  {
    auto transaction = store.writer().write();
    CHECK(!transaction->tables().state.addReceiptKey({1, seed(3), 30}));
  }
  store.read([](Tables& tables) {
    auto keys = must(tables.state.receiptKeys());
    REQUIRE(keys.size() == 2);
    CHECK(keys[0].id == 1);
    CHECK(keys[1].id == 2);
    CHECK(keys[1].fromMs == 20);
    CHECK(constantTimeEqual(keys[1].seed.expose(), seed(2).expose()));
  });
}

TEST_CASE("a new incarnation keeps who the server is, and its window begins with the next start", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.state.make(stateOf(1)));
    CHECK(must(tables.state.refillWindow({50})).leftMs({50}) == 0);
    must(tables.state.beginIncarnation(id<Incarnation>(2), 30));
  });
  store.write([](Tables& tables) {
    auto state = must(tables.state.read()).value();
    CHECK(state.incarnation == id<Incarnation>(2));
    CHECK(constantTimeEqual(state.identitySeed.expose(), seed(1).expose()));
    RefillWindow window = must(tables.state.refillWindow({100}));
    CHECK(window.until == Instant{130});
    CHECK(window.lengthMs == 30);
  });
  store.write([](Tables& tables) { CHECK(must(tables.state.refillWindow({120})).until == Instant{130}); });
}

TEST_CASE("the age is what was set last", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    CHECK(!must(tables.state.age()));
    must(tables.state.setAge({70}));
    must(tables.state.setAge({90}));
  });
  store.read([](Tables& tables) { CHECK(must(tables.state.age()) == Instant{90}); });
}

TEST_CASE("a probe writes and leaves nothing", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.state.addReceiptKey({1, seed(1), 10}));
    must(tables.state.probe());
  });
  store.write([](Tables& tables) { must(tables.state.probe()); });
  store.read([](Tables& tables) { CHECK(must(tables.state.receiptKeys()).size() == 1); });
  auto view = store.reader().read();
  CHECK(!view->tables().state.probe());
}
