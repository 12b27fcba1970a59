#include "server/directory.h"

#include <catch2/catch_test_macros.hpp>

#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

TEST_CASE("people are found by name in any case, and shown as they write themselves") {
  TestWorld world;
  TestPerson alice = world.register_("Alice");
  TestPerson bob = world.register_("bob");
  auto lookup = [&](const std::string& name) {
    return world.ask(world.services().directory.lookup(bob.account, name));
  };
  for (auto name : {"alice", "ALICE", "Alice"}) {
    auto person = as<store::Person>(lookup(name));
    CHECK(person.account == alice.account);
    CHECK(person.name == "Alice");
    CHECK(person.list == alice.list);
  }
  CHECK(std::holds_alternative<NoSuchPerson>(lookup("nobody")));
  for (auto name : {"", "with space", "\xff", "b\u043eb"}) CHECK(std::holds_alternative<Malformed>(lookup(name)));
  CHECK(std::holds_alternative<Malformed>(lookup(std::string(1'000'000, 'a'))));
}

TEST_CASE("people are found by account, with the newest list") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  world.enrol(alice);
  auto found = world.ask(world.services().directory.account(bob.account, alice.account));
  CHECK(as<store::Person>(found).list == alice.list);
  auto nobody = world.ask(world.services().directory.account(bob.account, AccountId()));
  CHECK(std::holds_alternative<NoSuchPerson>(nobody));
}

TEST_CASE("questions about others are limited, the one about oneself is not") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  auto& directory = world.services().directory;
  for (uint32_t i = 0; i < kLookupPerAccount.burst; ++i) {
    CHECK(std::holds_alternative<NoSuchPerson>(world.ask(directory.lookup(bob.account, "nobody"))));
  }
  auto next = world.ask(directory.lookup(bob.account, "alice"));
  CHECK(as<TooOften>(next).afterMs == kLookupPerAccount.refillMs);
  CHECK(std::holds_alternative<TooOften>(world.ask(directory.account(bob.account, alice.account))));
  CHECK(std::holds_alternative<store::Person>(world.ask(directory.account(bob.account, bob.account))));
  CHECK(std::holds_alternative<store::Person>(world.ask(directory.lookup(alice.account, "bob"))));
}
