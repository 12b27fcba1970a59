#include "server/invites.h"

#include <catch2/catch_test_macros.hpp>
#include <set>

#include "opaque/client.h"
#include "server/admin/invite_desk.h"
#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

const TestWorld::Options kByInvite{.policy = {crypto::kArgon2CostTest, Registration::invite}};
constexpr InviteTerms kOnce{1, 7};

RegistrationRequest copyOf(const RegistrationRequest& request) {
  return {request.name,  request.account,    request.record.clone(), request.cost,
          request.vault, request.deviceList, request.certificate};
}

struct Scene {
  TestWorld world{kByInvite};

  wire::Hash make(InviteTerms terms = kOnce) {
    auto made = world.ask(world.services().invites.make(terms));
    return as<wire::InviteCode>(made).hash();
  }
  uint32_t left(const wire::Hash& invite) {
    for (const auto& listed : world.ask(world.services().invites.list())) {
      if (listed.hash == invite) return listed.usesLeft;
    }
    FAIL("the invite is not listed");
    return 0;
  }
  // Of somebody who had a good code for the first step, and has it no more.
  RegistrationRequest requestFor(const std::string& name) {
    world.move(kRegisterPerAddress.refillMs);
    auto made = world.ask(world.services().invites.make({1, 365}));
    const auto& code = as<wire::InviteCode>(made);
    auto request = world.registrationOf(world.stranger(name), "correct horse", code.hash());
    CHECK(world.ask(world.services().invites.revoke(code.prefix())));
    return request;
  }
  RegisterFinishOutcome finish(RegistrationRequest request, InviteHash invite) {
    world.move(kRegisterPerAddress.refillMs);
    return world.ask(world.services().auth.registerFinish("a", std::move(request), invite));
  }
  RegisterStartOutcome start(const std::string& name, InviteHash invite, const std::string& address = "a") {
    auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("pw")), world.random);
    return world.ask(world.services().auth.registerStart(address, name, Bytes(16), encode(client->request()), invite));
  }
  AdminOutcome ask(const std::string& word, const std::string& rest, Registration policy = Registration::invite) {
    InviteDesk desk(world.services().invites, policy, world.clock);
    return world.wait(desk.answer(word, rest));
  }
};

}  // namespace

TEST_CASE("who has an invite code registers, and nobody else") {
  Scene scene;
  wire::Hash code = scene.make();
  CHECK(std::holds_alternative<InviteNeeded>(scene.start("alice", {})));
  CHECK(std::holds_alternative<InviteUnknown>(scene.start("alice", wire::Hash{1})));
  CHECK(std::holds_alternative<RegistrationAnswer>(scene.start("alice", code)));
  auto request = scene.requestFor("alice");
  CHECK(std::holds_alternative<InviteNeeded>(scene.finish(copyOf(request), {})));
  CHECK(std::holds_alternative<InviteUnknown>(scene.finish(copyOf(request), wire::Hash{1})));
  CHECK(scene.left(code) == 1);
  CHECK(std::holds_alternative<Registered>(scene.finish(copyOf(request), code)));
  CHECK(scene.left(code) == 0);
  CHECK(std::holds_alternative<InviteSpent>(scene.start("bob", code)));
  CHECK(std::holds_alternative<InviteSpent>(scene.finish(scene.requestFor("bob"), code)));
}

TEST_CASE("a repeated registration is answered again and uses nothing more, whatever has become of its code") {
  Scene scene;
  wire::Hash code = scene.make({2, 7});
  auto request = scene.requestFor("alice");
  for (InviteHash repeated : {InviteHash(code), InviteHash(code), InviteHash(), InviteHash(wire::Hash{1})}) {
    CHECK(std::holds_alternative<Registered>(scene.finish(copyOf(request), repeated)));
    CHECK(scene.left(code) == 1);
  }
  scene.world.restart();
  CHECK(std::holds_alternative<Registered>(scene.finish(copyOf(request), code)));
  CHECK(scene.left(code) == 1);
}

TEST_CASE("a registration that fails uses nothing up") {
  Scene scene;
  wire::Hash code = scene.make({2, 7});
  auto alice = scene.requestFor("alice");
  CHECK(std::holds_alternative<Registered>(scene.finish(copyOf(alice), code)));
  auto other = scene.requestFor("bob");
  auto refused = [&](auto&& spoil) {
    auto request = copyOf(other);
    spoil(request);
    auto outcome = scene.finish(std::move(request), code);
    CHECK(!std::holds_alternative<Registered>(outcome));
    CHECK(scene.left(code) == 1);
  };
  refused([](auto& request) { request.name = "ALICE"; });
  refused([](auto& request) { request.certificate.back() ^= 1; });
  refused([](auto& request) { request.account.pop_back(); });
  refused([&](auto& request) { request.account = alice.account; });
  CHECK(std::holds_alternative<Registered>(scene.finish(copyOf(other), code)));
}

TEST_CASE("one use makes one account, though many come with it at once") {
  Scene scene;
  wire::Hash code = scene.make({3, 7});
  std::vector<kj::Promise<std::expected<RegisterFinishOutcome, Unavailable>>> waiting;
  for (int i = 0; i < 8; ++i) {
    auto request = scene.requestFor("guest" + std::to_string(i));
    waiting.push_back(scene.world.services().auth.registerFinish("b" + std::to_string(i), std::move(request), code));
  }
  std::size_t registered = 0, spent = 0;
  for (auto& promise : waiting) {
    auto outcome = scene.world.ask(kj::mv(promise));
    if (std::holds_alternative<Registered>(outcome)) ++registered;
    if (std::holds_alternative<InviteSpent>(outcome)) ++spent;
  }
  CHECK(registered == 3);
  CHECK(spent == 5);
  CHECK(scene.left(code) == 0);
}

TEST_CASE("a code is good up to its end and is told expired for a month behind it") {
  Scene scene;
  wire::Hash code = scene.make({1, 2});
  scene.world.move(2 * kDayMs - 1);
  CHECK(std::holds_alternative<RegistrationAnswer>(scene.start("alice", code)));
  scene.world.move(1);
  CHECK(std::holds_alternative<InviteExpired>(scene.start("alice", code)));
  CHECK(std::holds_alternative<InviteExpired>(scene.finish(scene.requestFor("alice"), code)));
  scene.world.move(kInviteRememberedMs);
  scene.make();
  CHECK(std::holds_alternative<InviteUnknown>(scene.start("alice", code)));
}

TEST_CASE("without a code nothing is told of names, with one it is as ever") {
  Scene scene;
  wire::Hash code = scene.make({2, 7});
  CHECK(std::holds_alternative<Registered>(scene.finish(scene.requestFor("alice"), code)));
  CHECK(std::holds_alternative<InviteNeeded>(scene.start("alice", {})));
  CHECK(std::holds_alternative<InviteUnknown>(scene.start("alice", wire::Hash{1})));
  CHECK(std::holds_alternative<NameTaken>(scene.start("alice", code)));
}

TEST_CASE("guesses at codes are limited per address: at the limit, above and far above") {
  Scene scene;
  wire::Hash code = scene.make();
  auto guess = [&](uint8_t n) { return scene.start("alice", wire::Hash{n, 1}); };
  for (uint8_t i = 0; i < kRegisterPerAddress.burst; ++i) {
    CHECK(std::holds_alternative<InviteUnknown>(guess(i)));
  }
  for (int i = 0; i < 200; ++i) CHECK(std::holds_alternative<TooOften>(guess(100)));
  // The right one is not told from a guess any more, from here.
  CHECK(std::holds_alternative<TooOften>(scene.start("alice", code)));
  CHECK(std::holds_alternative<RegistrationAnswer>(scene.start("alice", code, "b")));
}

TEST_CASE("an open server asks nobody for a code, and a closed one takes none") {
  test::SeededRandom random(1);
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("pw")), random);
  Bytes first = encode(client->request());
  {
    TestWorld open;
    auto outcome = open.ask(open.services().auth.registerStart("a", "alice", Bytes(16), first, wire::Hash{1}));
    CHECK(std::holds_alternative<RegistrationAnswer>(outcome));
  }
  TestWorld closed({.policy = {crypto::kArgon2CostTest, Registration::closed}});
  auto made = closed.ask(closed.services().invites.make(kOnce));
  wire::Hash code = as<wire::InviteCode>(made).hash();
  auto outcome = closed.ask(closed.services().auth.registerStart("a", "alice", Bytes(16), first, code));
  CHECK(std::holds_alternative<Closed>(outcome));
}

TEST_CASE("a store keeps no code, only its hash and its first letters") {
  Scene scene;
  auto made = scene.world.ask(scene.world.services().invites.make(kOnce));
  const auto& code = as<wire::InviteCode>(made);
  auto text = std::string(asText(code.text().expose()));
  sql::Database database = scene.world.database();
  auto rows = database.query("SELECT hash, prefix FROM invite");
  REQUIRE(rows);
  REQUIRE(*rows->next());
  auto row = rows->read<wire::Hash, std::string>();
  REQUIRE(row);
  CHECK(std::get<0>(*row) == code.hash());
  CHECK(std::get<1>(*row) == text.substr(0, wire::kInvitePrefixLetters));
}

TEST_CASE("invites have an end: at the limit, above it, and again when some are revoked") {
  Scene scene;
  {
    auto insert = scene.world.store().write();
    REQUIRE(insert);
    store::Invites& invites = insert->tables().invites;
    uint64_t until = scene.world.clock.now().unixMs + kDayMs;
    for (std::size_t i = 0; i + 1 < kInvitesMax; ++i) {
      wire::Hash hash = crypto::sha256(asBytes(std::to_string(i)));
      REQUIRE(invites.add({hash, "u" + std::to_string(i), 1, {until}}));
    }
    REQUIRE(insert->commit());
  }
  scene.make();
  for (int i = 0; i < 3; ++i) {
    auto outcome = scene.world.ask(scene.world.services().invites.make(kOnce));
    CHECK(as<TooManyInvites>(outcome).limit == kInvitesMax);
  }
  CHECK(scene.world.ask(scene.world.services().invites.revoke("u0")));
  CHECK(!scene.world.ask(scene.world.services().invites.revoke("u0")));
  scene.make();
}

TEST_CASE("an operator makes, sees and revokes a code") {
  Scene scene;
  auto made = scene.ask("invite", "2 3");
  REQUIRE(made.exit == 0);
  std::string text = made.text.substr(0, made.text.find('\n'));
  auto code = wire::InviteCode::parse(asBytes(text));
  REQUIRE(code);
  CHECK(made.text.contains("good for 2 accounts until 20"));
  CHECK(!made.text.contains("note"));
  auto listed = scene.ask("invites", "text").text;
  CHECK(listed.starts_with(code->prefix() + "-…      2 left  until 20"));
  CHECK(listed.ends_with("good\n"));
  CHECK(!listed.contains(text.substr(6, 5)));
  CHECK(scene.ask("invites", "json").text.starts_with("[{\"prefix\":\"" + code->prefix() + "\",\"left\":2,"));
  CHECK(std::holds_alternative<RegistrationAnswer>(scene.start("alice", code->hash())));
  CHECK(scene.ask("revoke", text).exit == 0);
  CHECK(scene.ask("revoke", code->prefix()).exit == 1);
  CHECK(std::holds_alternative<InviteUnknown>(scene.start("alice", code->hash())));
  CHECK(scene.ask("invites", "text").text == "no invites\n");
  CHECK(scene.ask("invites", "json").text == "[]\n");
}

TEST_CASE("what an operator asks wrongly is said and makes nothing") {
  Scene scene;
  for (const char* terms : {"", "1", "0 7", "1 0", "10001 7", "1 366", "1 7 7", "-1 7", "1 7x", "99999999999999 1"}) {
    INFO(terms);
    CHECK(scene.ask("invite", terms).exit == 2);
  }
  CHECK(scene.ask("invite", "10000 365").exit == 0);
  CHECK(scene.ask("revoke", "").exit == 2);
  CHECK(scene.ask("revoke", "ABU").exit == 2);
  CHECK(scene.ask("invite", "1 7", Registration::open).text.contains("note: registration is \"open\" here"));
}

TEST_CASE("what is spent or expired is listed as that") {
  Scene scene;
  wire::Hash code = scene.make();
  CHECK(std::holds_alternative<Registered>(scene.finish(scene.requestFor("alice"), code)));
  CHECK(scene.ask("invites", "text").text.ends_with("spent\n"));
  scene.ask("revoke", scene.world.ask(scene.world.services().invites.list())[0].prefix);
  scene.make({1, 1});
  scene.world.move(kDayMs);
  CHECK(scene.ask("invites", "text").text.ends_with("expired\n"));
}
