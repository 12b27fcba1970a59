#include "client/core/scene_test.h"
#include "wire/people/resume.h"

namespace qpq::client::core::scene {

TEST_CASE("a sign-in the server may have heard of survives a crash with the very bytes it was sent with") {
  MovedClock clock;
  Server server(clock);
  Device device(server, clock, 1);
  NewAccount account = must(device.core().makeAccount("alice"));
  Registration registration{.record = Bytes(192, 3), .cost = {64, 2, 1}, .vault = Bytes(100, 4)};
  must(device.core().keepSignIn(account.device, registration));
  CHECK_FALSE(device.core().identity());
  device.restart();
  auto pending = must(device.core().pendingSignIn());
  REQUIRE(pending);
  CHECK(pending->certificate == account.device.certificate);
  CHECK(pending->list == account.device.list);
  REQUIRE(pending->registration);
  CHECK(pending->registration->record == registration.record);
  CHECK(pending->registration->cost == registration.cost);
  CHECK(pending->registration->vault == registration.vault);
  must(device.core().completeSignIn());
  device.restart();
  CHECK_FALSE(must(device.core().pendingSignIn()));
  CHECK(device.core().identity()->name == "alice");
  CHECK(device.core().identity()->devices == 1);
  CHECK(refusal(device.core().keepSignIn(account.device, std::nullopt)) == ErrorCode::badInput);
}

TEST_CASE("a sign-in that was refused leaves nothing behind") {
  MovedClock clock;
  Server server(clock);
  Device device(server, clock, 1);
  must(device.core().keepSignIn(must(device.core().makeAccount("alice")).device, std::nullopt));
  must(device.core().dropSignIn());
  device.restart();
  CHECK_FALSE(must(device.core().pendingSignIn()));
  CHECK(refusal(device.core().signResume({})) == ErrorCode::notSignedIn);
  CHECK(refusal(device.core().makeKeyPackages(1)) == ErrorCode::notSignedIn);
  CHECK(refusal(device.core().beginGroup("tea")) == ErrorCode::notSignedIn);
}

TEST_CASE("a new account's certificate and first list are what a server accepts") {
  Scene scene;
  NewAccount account = must(scene.alice.core().makeAccount("dora"));
  auto list = wire::VerifiedDeviceList::check(account.device.list);
  auto certificate = wire::VerifiedCertificate::check(account.device.certificate);
  REQUIRE((list && certificate));
  CHECK(wire::checkRegistration(*list, *certificate));
  NewDevice further = must(scene.alice.core().makeDevice("dora", account.accountSeed, *list));
  auto next = wire::VerifiedDeviceList::check(further.list);
  auto second = wire::VerifiedCertificate::check(further.certificate);
  REQUIRE((next && second));
  CHECK(wire::checkEnrolment(*list, *next, *second));
  CHECK(refusal(scene.alice.core().makeDevice("dora", Secret<32>{}, *list)) == ErrorCode::badInput);
  CHECK(refusal(scene.alice.core().makeAccount("no spaces")) == ErrorCode::badInput);
}

TEST_CASE("resuming is the device key's signature of this connection and this life of the server") {
  Scene scene;
  ByteArray<32> exporter{1, 2, 3};
  ResumeProof proof = must(scene.alice.core().signResume(exporter));
  wire::ResumeTBS tbs{exporter, scene.server.info()->incarnation, proof.account, proof.device};
  wire::PublicKey key = scene.server.lookup("alice").list.find(proof.device)->deviceKey;
  CHECK(wire::verify(key, wire::Resume{tbs, proof.signature}));
  tbs.exporter[0] = 9;
  CHECK_FALSE(wire::verify(key, wire::Resume{tbs, proof.signature}));
}

TEST_CASE("key packages are what a taker accepts") {
  Scene scene;
  Person alice = scene.server.lookup("alice");
  for (const Bytes& encoded : must(scene.alice.core().makeKeyPackages(2))) {
    auto package = decode<mls::KeyPackage>(encoded);
    REQUIRE(package);
    CHECK(wire::checkTaken(*package, scene.alice.self().device, alice.list, scene.clock.now()));
  }
  CHECK(must(scene.alice.core().makeKeyPackages(1000)).size() == 250);
}

TEST_CASE("a profile that is open, damaged or under another passphrase says which") {
  MovedClock clock;
  test::SeededRandom random(1);
  test::ScratchFolder scratch;
  Options options{.folder = scratch.file("a/b/profile"), .cost = crypto::kArgon2CostTest, .vfs = {}};
  auto openWith = [&](std::string_view passphrase) {
    return Core::open(options, SecretBytes(asBytes(passphrase)), {clock, random});
  };
  auto first = openWith("one");
  REQUIRE(first);
  CHECK(refusal(openWith("one")) == ErrorCode::profileLocked);
  must((*first)->changePassphrase(SecretBytes(asBytes("two")), crypto::kArgon2CostTest));
  first->reset();
  CHECK(refusal(openWith("one")) == ErrorCode::wrongPassphrase);
  CHECK(openWith("two"));
  std::filesystem::permissions(options.folder, std::filesystem::perms::all);
  CHECK(openWith("two"));
  CHECK(std::filesystem::status(options.folder).permissions() == std::filesystem::perms::owner_all);
  std::filesystem::remove(options.folder + "/key.slot");
  CHECK(refusal(openWith("two")) == ErrorCode::profileCorrupt);
}

}  // namespace qpq::client::core::scene
