#include "server/auth.h"

#include <catch2/catch_test_macros.hpp>

#include "opaque/client.h"
#include "server/registration.h"
#include "server/world_test.h"
#include "wire/people/resume.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

RegisterFinishOutcome enter(TestWorld& world, RegistrationRequest request) {
  world.move(kRegisterPerAddress.refillMs);
  return world.ask(world.services().auth.registerFinish("192.0.2.1", std::move(request)));
}

RegistrationRequest copyOf(const RegistrationRequest& request) {
  return {request.name,  request.account,    request.record.clone(), request.cost,
          request.vault, request.deviceList, request.certificate};
}

// A client's whole login; the account, or nothing if either side refuses.
std::optional<AccountId> login(TestWorld& world, const std::string& name, const std::string& password) {
  auto client = opaque::ClientLogin::start(SecretBytes(asBytes(password)), world.random);
  auto started = world.ask(world.services().auth.loginStart("192.0.2.1", name, encode(client->ke1())));
  auto* challenge = std::get_if<Challenge>(&started);
  REQUIRE(challenge != nullptr);
  auto ksf = opaque::Argon2id::make(challenge->cost, {crypto::kArgon2CostTest});
  auto finished = client->finish(*decode<opaque::Ke2>(challenge->ke2), *ksf);
  if (!finished) return std::nullopt;
  auto outcome = challenge->login->finish(encode(finished->ke3), world.clock.now());
  if (auto* account = std::get_if<AccountId>(&outcome)) return *account;
  return std::nullopt;
}

Challenge challengeFor(TestWorld& world, const std::string& name) {
  auto client = opaque::ClientLogin::start(SecretBytes(asBytes("guess")), world.random);
  auto outcome = world.ask(world.services().auth.loginStart("192.0.2.1", name, encode(client->ke1())));
  REQUIRE(std::holds_alternative<Challenge>(outcome));
  return std::get<Challenge>(std::move(outcome));
}

wire::Signature resumeSignature(TestWorld& world, const TestDevice& device, const ByteArray<32>& exporter) {
  return wire::sign(device.key, wire::ResumeTBS{exporter, world.keys().incarnation(), device.account, device.id})
      .signature;
}

}  // namespace

TEST_CASE("who registers can log in with the password and with no other") {
  TestWorld world;
  TestPerson alice = world.register_("Alice");
  CHECK(login(world, "Alice", "correct horse") == alice.account);
  CHECK(login(world, "aLICE", "correct horse") == alice.account);
  CHECK(!login(world, "Alice", "wrong horse"));
  world.restart();
  CHECK(login(world, "alice", "correct horse") == alice.account);
}

TEST_CASE("a repeated registration is registered once and answered the same") {
  TestWorld world;
  TestPerson alice = world.stranger("alice");
  auto request = world.registrationOf(alice);
  CHECK(std::holds_alternative<Registered>(enter(world, copyOf(request))));
  CHECK(std::holds_alternative<Registered>(enter(world, copyOf(request))));
  world.restart();
  CHECK(std::holds_alternative<Registered>(enter(world, copyOf(request))));
}

TEST_CASE("names and accounts are taken once, whatever their case") {
  TestWorld world;
  TestPerson alice = world.stranger("alice");
  auto request = world.registrationOf(alice);
  CHECK(std::holds_alternative<Registered>(enter(world, copyOf(request))));

  TestPerson other = world.stranger("mallory");
  auto otherRequest = world.registrationOf(other);
  otherRequest.name = "ALICE";
  CHECK(std::holds_alternative<NameTaken>(enter(world, copyOf(otherRequest))));
  auto again = copyOf(request);
  again.name = "bob";
  CHECK(std::holds_alternative<AccountTaken>(enter(world, std::move(again))));
  // Nothing of the refused ones is there.
  otherRequest.name = "mallory";
  CHECK(std::holds_alternative<Registered>(enter(world, std::move(otherRequest))));
}

TEST_CASE("a registration must keep every rule its bytes can keep") {
  TestWorld world;
  TestPerson alice = world.stranger("alice");
  TestPerson mallory = world.stranger("mallory");
  auto good = world.registrationOf(alice);
  auto refusal = [&](auto&& spoil) {
    auto request = copyOf(good);
    spoil(request);
    auto outcome = enter(world, std::move(request));
    return as<Malformed>(outcome).what;
  };
  CHECK(refusal([](auto& r) { r.name = "no spaces"; }).starts_with("name"));
  CHECK(refusal([](auto& r) { r.name = std::string(65, 'a'); }).starts_with("name"));
  CHECK(refusal([](auto& r) { r.name.clear(); }).starts_with("name"));
  CHECK(refusal([](auto& r) { r.account.pop_back(); }).starts_with("account"));
  CHECK(refusal([](auto& r) { r.record = SecretBytes(191); }).starts_with("record"));
  CHECK(refusal([](auto& r) { r.record = SecretBytes(192); }).starts_with("record"));
  CHECK(refusal([](auto& r) { r.cost.passes = 0; }).starts_with("cost"));
  CHECK(refusal([](auto& r) { r.cost.memoryKib = crypto::kArgon2CostMax.memoryKib + 1; }).starts_with("cost"));
  CHECK(refusal([](auto& r) { r.vault.clear(); }).starts_with("vault"));
  CHECK(refusal([](auto& r) { r.vault.push_back(0); }).starts_with("vault"));
  CHECK(refusal([&](auto& r) { r.deviceList = encode(mallory.list); }) == "deviceList: otherAccount");
  CHECK(refusal([](auto& r) { r.deviceList.back() ^= 1; }) == "deviceList: badSignature");
  CHECK(refusal([&](auto& r) { r.certificate = encode(mallory.device().certificate); }).starts_with("certificate"));
  CHECK(refusal([](auto& r) { r.certificate.back() ^= 1; }) == "certificate: badSignature");
  CHECK(std::holds_alternative<Registered>(enter(world, copyOf(good))));
}

TEST_CASE("a closed server registers nobody and lets its own in") {
  TestWorld world({.vfs = "", .policy = {crypto::kArgon2CostTest, Registration::closed}});
  TestPerson alice = world.stranger("alice");
  auto start = world.ask(world.services().auth.registerStart("a", "alice", Bytes(16), Bytes(32)));
  CHECK(std::holds_alternative<Closed>(start));
  CHECK(std::holds_alternative<Closed>(world.ask(world.services().auth.registerFinish("a", {}))));
}

TEST_CASE("the first step of a registration names what is wrong") {
  TestWorld world;
  world.register_("alice");
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("pw")), world.random);
  auto start = [&](const std::string& name, Bytes account, Bytes request) {
    return world.ask(world.services().auth.registerStart("b", name, std::move(account), std::move(request)));
  };
  Bytes good = encode(client->request());
  CHECK(std::holds_alternative<NameTaken>(start("Alice", Bytes(16), good)));
  CHECK(std::holds_alternative<BadName>(start("", Bytes(16), good)));
  CHECK(std::holds_alternative<BadName>(start("a\x1b[2J", Bytes(16), good)));
  CHECK(std::holds_alternative<Malformed>(start("bob", Bytes(15), good)));
  CHECK(std::holds_alternative<Malformed>(start("bob", Bytes(16), Bytes(31))));
  CHECK(std::holds_alternative<Malformed>(start("bob", Bytes(16), Bytes(32))));  // the identity element
  CHECK(std::holds_alternative<RegistrationAnswer>(start("bob", Bytes(16), good)));
}

TEST_CASE("registering is no way to try passwords of an account that is there") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("guess")), world.random);
  auto outcome = world.ask(
      world.services().auth.registerStart("b", "mallory", toBytes(alice.account.view()), encode(client->request())));
  CHECK(std::holds_alternative<AccountTaken>(outcome));
}

TEST_CASE("registrations from one address are limited, at the limit and above") {
  TestWorld world;
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("pw")), world.random);
  auto start = [&](const std::string& address) {
    return world.ask(world.services().auth.registerStart(address, "bob", Bytes(16), encode(client->request())));
  };
  for (uint32_t i = 0; i < kRegisterPerAddress.burst; ++i) {
    CHECK(std::holds_alternative<RegistrationAnswer>(start("b")));
  }
  CHECK(std::holds_alternative<TooOften>(start("b")));
  CHECK(std::holds_alternative<RegistrationAnswer>(start("c")));
}

TEST_CASE("an unknown name is answered in the same shape, each time alike, and no password opens it") {
  TestWorld world;
  world.register_("alice");
  Challenge known = challengeFor(world, "alice");
  Challenge unknown = challengeFor(world, "nobody");
  CHECK(known.ke2.size() == unknown.ke2.size());
  CHECK(known.cost == unknown.cost);
  CHECK(!login(world, "nobody", "correct horse"));
  CHECK(std::holds_alternative<Denied>(unknown.login->finish(Bytes(64, 1), world.clock.now())));
  CHECK(std::holds_alternative<Denied>(known.login->finish(Bytes(64, 1), world.clock.now())));

  // The same password blinded alike is evaluated alike: nothing moves that would not move for a real account.
  test::SeededRandom same(5);
  test::SeededRandom sameAgain(5);
  auto first = opaque::ClientLogin::start(SecretBytes(asBytes("x")), same);
  auto second = opaque::ClientLogin::start(SecretBytes(asBytes("x")), sameAgain);
  auto evaluated = [&](const opaque::Ke1& ke1) {
    auto outcome = world.ask(world.services().auth.loginStart("192.0.2.1", "nobody", encode(ke1)));
    return decode<opaque::Ke2>(std::get<Challenge>(outcome).ke2)->credentialResponse.evaluatedMessage;
  };
  CHECK(evaluated(first->ke1()) == evaluated(second->ke1()));
}

TEST_CASE("unknown names are slowed down like known ones") {
  TestWorld world;
  world.register_("alice");
  auto client = opaque::ClientLogin::start(SecretBytes(asBytes("guess")), world.random);
  for (const std::string& name : {"alice", "nobody"}) {
    for (uint32_t i = 0; i < kLoginPerName.burst; ++i) {
      auto outcome = world.ask(world.services().auth.loginStart(std::to_string(i), name, encode(client->ke1())));
      CHECK(std::holds_alternative<Challenge>(outcome));
    }
    auto outcome = world.ask(world.services().auth.loginStart("x", name, encode(client->ke1())));
    CHECK(as<TooOften>(outcome).afterMs == kLoginPerName.refillMs);
  }
}

TEST_CASE("guesses from one address are limited over all names") {
  TestWorld world;
  auto client = opaque::ClientLogin::start(SecretBytes(asBytes("guess")), world.random);
  auto guess = [&](uint32_t i) {
    return world.ask(world.services().auth.loginStart("192.0.2.9", "name" + std::to_string(i), encode(client->ke1())));
  };
  for (uint32_t i = 0; i < kLoginPerAddress.burst; ++i) CHECK(std::holds_alternative<Challenge>(guess(i)));
  CHECK(std::holds_alternative<TooOften>(guess(1'000)));
}

TEST_CASE("a login is one attempt within a minute") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  auto prove = [&](uint64_t waitMs, bool guessFirst) {
    auto client = opaque::ClientLogin::start(SecretBytes(asBytes("correct horse")), world.random);
    auto started = world.ask(world.services().auth.loginStart("192.0.2.1", "alice", encode(client->ke1())));
    auto& challenge = std::get<Challenge>(started);
    auto ksf = opaque::Argon2id::make(challenge.cost, {crypto::kArgon2CostTest});
    auto finished = client->finish(*decode<opaque::Ke2>(challenge.ke2), *ksf);
    if (guessFirst) challenge.login->finish(Bytes(64, 1), world.clock.now());
    world.move(waitMs);
    return std::holds_alternative<AccountId>(challenge.login->finish(encode(finished->ke3), world.clock.now()));
  };
  CHECK(prove(0, false));
  CHECK(prove(kLoginLifeMs - 1, false));
  CHECK(!prove(kLoginLifeMs, false));
  CHECK(!prove(0, true));
}

TEST_CASE("what is no KE1 is malformed") {
  TestWorld world;
  for (std::size_t size : {0U, 95U, 96U, 97U}) {
    auto outcome = world.ask(world.services().auth.loginStart("a", "alice", Bytes(size)));
    CHECK(std::holds_alternative<Malformed>(outcome));
  }
}

TEST_CASE("a device resumes with its signature over this connection, and over no other") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  const ByteArray<32> exporter{1};
  const ByteArray<32> other{2};
  auto resume = [&](const wire::RosterEntry& device, const wire::Signature& signature) {
    return world.ask(world.services().auth.resume({device, exporter, signature}));
  };
  const TestDevice& device = alice.device();
  wire::Signature good = resumeSignature(world, device, exporter);
  CHECK(as<wire::RosterEntry>(resume(device.entry(), good)) == device.entry());
  CHECK(std::holds_alternative<Denied>(resume(device.entry(), resumeSignature(world, device, other))));
  CHECK(std::holds_alternative<Denied>(resume(device.entry(), resumeSignature(world, bob.device(), exporter))));
  CHECK(std::holds_alternative<Denied>(resume({alice.account, bob.device().id}, good)));
  CHECK(std::holds_alternative<Denied>(resume({AccountId(), device.id}, good)));
  world.restart();
  CHECK(std::holds_alternative<wire::RosterEntry>(resume(device.entry(), good)));
}

TEST_CASE("a revoked device is told by which list, if its signature is right") {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  world.enrol(alice);
  world.revoke(alice, 1);
  const TestDevice& phone = alice.device(1);
  const ByteArray<32> exporter{1};
  auto right =
      world.ask(world.services().auth.resume({phone.entry(), exporter, resumeSignature(world, phone, exporter)}));
  CHECK(as<RevokedDevice>(right).list == alice.list);
  auto wrong = world.ask(world.services().auth.resume({phone.entry(), exporter, wire::Signature{}}));
  CHECK(std::holds_alternative<Denied>(wrong));
}
