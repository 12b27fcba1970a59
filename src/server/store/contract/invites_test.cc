#include "server/store/invites.h"

#include "server/store/contract/subject_test.h"

using namespace qpq;
using namespace qpq::server::store;
using namespace qpq::server::store::contract;

namespace {

Invite invite(uint8_t n, uint32_t uses, uint64_t untilMs) {
  return {hash(n), "u" + std::to_string(n), uses, {untilMs}};
}

}  // namespace

TEST_CASE("an invite is found by its hash and loses its uses one by one", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    must(tables.invites.add(invite(2, 2, 50)));
    must(tables.invites.add(invite(1, 1, 90)));
    must(tables.invites.use(hash(2)));
  });
  store.read([](Tables& tables) {
    CHECK(must(tables.invites.find(hash(2)))->usesLeft == 1);
    CHECK(must(tables.invites.find(hash(1)))->until == Instant{90});
    CHECK(!must(tables.invites.find(hash(3))));
    CHECK(must(tables.invites.hasPrefix("u1")));
    CHECK(!must(tables.invites.hasPrefix("u3")));
    CHECK(must(tables.invites.count()) == 2);
    auto all = must(tables.invites.all());
    REQUIRE(all.size() == 2);
    CHECK(all[0].prefix == "u1");
    CHECK(all[1].hash == hash(2));
  });
}

TEST_CASE("an invite goes by its prefix, or when it has expired", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) {
    for (uint8_t n = 1; n < 5; ++n) must(tables.invites.add(invite(n, 1, 10 * n)));
    CHECK(must(tables.invites.drop("u4")));
    CHECK(!must(tables.invites.drop("u4")));
    must(tables.invites.dropExpired(Instant{20}));
    CHECK(must(tables.invites.count()) == 1);
    CHECK(must(tables.invites.find(hash(3))));
  });
}

TEST_CASE("an invite whose hash or prefix is there is refused, and so is a use more than there are", "[contract]") {
  Subject store(anyEngine());
  store.write([](Tables& tables) { must(tables.invites.add(invite(1, 0, 10))); });
  store.write([](Tables& tables) {
    Invite sameHash = invite(1, 1, 10);
    sameHash.prefix = "other";
    CHECK(!tables.invites.add(sameHash));
  });
  store.write([](Tables& tables) {
    Invite samePrefix = invite(2, 1, 10);
    samePrefix.prefix = "u1";
    CHECK(!tables.invites.add(samePrefix));
  });
  store.write([](Tables& tables) { CHECK(!tables.invites.use(hash(1))); });
}
