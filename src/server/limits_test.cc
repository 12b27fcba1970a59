#include "server/limits.h"

#include <catch2/catch_test_macros.hpp>

#include "opaque/client.h"
#include "server/append.h"
#include "server/bulk/scene_test.h"
#include "server/world_test.h"
#include "wire/people/resume.h"

// Every rate, at its limit, above it and far above it: docs/protocol/limits.md. What else each bound does stands beside
// the service it belongs to.

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

constexpr int kFarAbove = 300;

struct Scene {
  TestWorld world;
  TestPerson alice = world.register_("alice");
  TestPerson bob = world.register_("bob");
  TestLog log = begin(world, 1, {alice.device().entry(), bob.device().entry()}, alice.device());
  uint32_t count = 0;

  Scene() { world.move(kDayMs); }  // what all this has cost is forgotten
  Services& services() { return world.services(); }
  uint32_t next() { return ++count; }

  // `attempt` is told whether it was let through, each time with another number, and the clock stands still meanwhile.
  template <class Attempt>
  void keeps(const Rate& rate, Attempt attempt) {
    uint32_t passed = 0, refused = 0;
    for (uint32_t i = 0; i < rate.burst; ++i) passed += attempt() ? 1 : 0;
    CHECK(passed == rate.burst);
    for (int i = 0; i < kFarAbove; ++i) refused += attempt() ? 0 : 1;
    CHECK(refused == kFarAbove);
    world.move(rate.refillMs - 1);
    CHECK(!attempt());
    world.move(1);
    CHECK(attempt());
    CHECK(!attempt());
  }
};

template <class Outcome>
bool passes(const Outcome& outcome) {
  return !std::holds_alternative<TooOften>(outcome);
}

Bytes firstStep(TestWorld& world) {
  auto client = opaque::ClientRegistration::start(SecretBytes(asBytes("pw")), world.random);
  return encode(client->request());
}

Bytes ke1(TestWorld& world) {
  auto client = opaque::ClientLogin::start(SecretBytes(asBytes("guess")), world.random);
  return encode(client->ke1());
}

}  // namespace

TEST_CASE("registrations per address, logins per name and per address keep their rates, far above them, too") {
  Scene scene;
  Auth& auth = scene.services().auth;
  Bytes request = firstStep(scene.world), guess = ke1(scene.world);
  scene.keeps(kRegisterPerAddress,
              [&]() { return passes(scene.world.ask(auth.registerStart("a", "carol", Bytes(16), request))); });
  scene.keeps(kLoginPerName,
              [&]() { return passes(scene.world.ask(auth.loginStart(std::to_string(scene.next()), "alice", guess))); });
  scene.keeps(kLoginPerAddress, [&]() {
    return passes(scene.world.ask(auth.loginStart("b", "name" + std::to_string(scene.next()), guess)));
  });
}

TEST_CASE("whoever guesses at a password locks out none of the account's devices") {
  Scene scene;
  Bytes guess = ke1(scene.world);
  for (int i = 0; i < kFarAbove; ++i) {
    scene.world.ask(scene.services().auth.loginStart(std::to_string(i), "alice", guess));
  }
  const TestDevice& device = scene.alice.device();
  const ByteArray<32> exporter{1};
  wire::ResumeTBS tbs{exporter, scene.world.keys().incarnation(), device.account, device.id};
  auto resumed =
      scene.world.ask(scene.services().auth.resume({device.entry(), exporter, wire::sign(device.key, tbs).signature}));
  CHECK(std::holds_alternative<wire::RosterEntry>(resumed));
  CHECK(std::holds_alternative<Appended>(scene.log.say(device)));
}

TEST_CASE("questions about others and steps of changing a password keep their rates, far above them, too") {
  Scene scene;
  scene.keeps(kLookupPerAccount, [&]() {
    return passes(scene.world.ask(scene.services().directory.lookup(scene.bob.account, "nobody")));
  });
  Bytes request = firstStep(scene.world);
  scene.keeps(kVaultStepsPerAccount,
              [&]() { return passes(scene.services().vaults.changeStart(scene.alice.account, request)); });
}

TEST_CASE("key packages are taken at their rates by one taker and from one account, far above them, too") {
  Scene scene;
  auto take = [&](const TestDevice& taker, const AccountId& of) {
    RequestId request = RequestId::random(scene.world.random);
    return passes(scene.world.ask(scene.services().keyPackages.take({taker.entry(), request, of, {}})));
  };
  scene.keeps(kTakePerAccount, [&]() { return take(scene.alice.device(), scene.bob.account); });
  TestPerson carol = scene.world.register_("carol");
  scene.world.move(kDayMs);
  scene.keeps(kTakePerTarget,
              [&]() { return take(scene.next() % 2 == 0 ? scene.alice.device() : carol.device(), scene.bob.account); });
}

TEST_CASE("messages, commits and asks keep their rates, far above them, too") {
  Scene scene;
  const TestDevice& device = scene.alice.device();
  auto id = [&]() { return EntryId::random(scene.world.random); };
  scene.keeps(kMessagesPerDevice, [&]() { return passes(scene.log.say(device, id())); });
  scene.keeps(kCommitsPerDevice, [&]() { return passes(scene.log.commit(device, {}, id())); });
  const TestDevice& phone = scene.world.enrol(scene.bob);
  scene.world.move(kDayMs);
  scene.keeps(kAsksPerLogAndDevice,
              [&]() { return passes(scene.log.send(phone, askIn(scene.log.id(), id(), scene.log.commits, phone))); });
}

TEST_CASE("entries of one device in one log keep their rate, and commits are never refused for it") {
  Scene scene;
  constexpr Rate kFew{5, kEntriesPerLogAndDevice.refillMs};
  // The rate of messages is another one.
  WriteRates rates{.append = {.messages = RateTable(Rate{1'000'000, 1}), .entries = RateTable(kFew)}};
  auto append = [&](const LogId& log, const Bytes& envelope) {
    auto transaction = scene.world.store().write();
    REQUIRE(transaction.has_value());
    Write write(transaction->tables(), scene.world.files(), rates, scene.world.keys(), scene.world.clock.now());
    auto outcome = server::append(write, {scene.alice.device().entry(), log, envelope, {}, {}});
    REQUIRE(outcome.has_value());
    REQUIRE(transaction->commit().has_value());
    return *std::move(outcome);
  };
  TestLog other = begin(scene.world, 2, {scene.alice.device().entry()}, scene.alice.device());
  auto say = [&](const TestLog& log) {
    auto id = EntryId::random(scene.world.random);
    return passes(append(log.id(), messageTo(log.id(), id, log.commits)));
  };
  scene.keeps(kFew, [&]() { return say(scene.log); });
  CHECK(std::holds_alternative<Appended>(
      append(scene.log.id(), commitTo(scene.log.roster, EntryId::random(scene.world.random), 1, {}))));
  CHECK(say(other));
}

TEST_CASE("direct logs, uploads and downloads keep their rates, far above them, too") {
  Scene scene;
  std::optional<LogId> log;
  scene.keeps(kDirectPerAccount, [&]() {
    // In the place of the one before: to be told which there is costs nothing.
    auto outcome = scene.world.ask(scene.services().logs.openDirect(scene.alice.account, scene.bob.account, log));
    if (const auto* opened = std::get_if<OpenedDirect>(&outcome)) log = opened->log;
    return passes(outcome);
  });
  BulkLine line(scene.world, scene.alice.device().entry(), 1);
  scene.keeps(kUploadsPerAccount, [&]() {
    // Announced once more each time: nothing is held for it but the first row, and no ticket is left over.
    auto outcome = line.put(Bytes{1});
    if (const auto* stream = std::get_if<UploadStream>(&outcome)) line.send(*stream, Bytes{1});
    return passes(outcome);
  });
  wire::Hash hash = crypto::sha256(Bytes{1});
  scene.keeps(kDownloadsPerAccount, [&]() {
    auto outcome = line.getBlob(hash, 0);
    if (const auto* stream = std::get_if<DownloadStream>(&outcome)) line.receive(stream->ticket);
    return passes(outcome);
  });
  line.hangUp();
}
