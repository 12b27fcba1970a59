#include "opaque/server.h"

#include <catch2/catch_test_macros.hpp>
#include <string_view>
#include <type_traits>

#include "opaque/client.h"
#include "opaque/testing.h"
#include "support/seeded_random.h"

namespace qpq::opaque {
namespace {

using test::SeededRandom;
using testing::enroll;
using testing::secretText;
using testing::testKsf;

static_assert(!std::is_copy_constructible_v<ServerLogin> && std::is_move_constructible_v<ServerLogin>);

constexpr std::string_view kPassword = "correct horse battery staple";

struct Scene {
  SeededRandom random{11};
  ServerSetup setup = ServerSetup::generate(random);
  Registered alice = enroll(setup, "alice", kPassword, random);

  ClientLogin login() { return *ClientLogin::start(secretText(kPassword), random); }
  ServerLogin respond(const Ke1& ke1, std::string_view identifier, const RegistrationRecord* record) {
    return *ServerLogin::respond(setup, asBytes(identifier), record, ke1, random);
  }
};

TEST_CASE("KE3 with any bit changed is refused, and the login still takes the right one") {
  Scene scene;
  ClientLogin client = scene.login();
  ServerLogin server = scene.respond(client.ke1(), "alice", &scene.alice.record);
  auto loggedIn = client.finish(server.ke2(), testKsf());
  REQUIRE(loggedIn.has_value());
  for (std::size_t i = 0; i < 8 * kKe3Size; ++i) {
    Ke3 changed = loggedIn->ke3;
    changed.clientMac[i / 8] ^= static_cast<uint8_t>(1 << (i % 8));
    CHECK(server.finish(changed).error() == Error::clientAuthentication);
  }
  CHECK(server.finish(Ke3{}).error() == Error::clientAuthentication);
  CHECK(constantTimeEqual(server.finish(loggedIn->ke3)->expose(), loggedIn->sessionKey.expose()));
}

TEST_CASE("the server's own MAC sent back does not log anyone in") {
  Scene scene;
  ServerLogin server = scene.respond(scene.login().ke1(), "alice", &scene.alice.record);
  CHECK(server.finish(Ke3{server.ke2().authResponse.serverMac}).error() == Error::clientAuthentication);
}

TEST_CASE("the answer to a KE1 changed on its way is refused by the client, whichever byte it was") {
  Scene scene;
  ClientLogin client = scene.login();
  Bytes ke1 = encode(client.ke1());
  std::size_t answered = 0;
  for (std::size_t i = 0; i < ke1.size(); ++i) {
    Bytes changed = ke1;
    changed[i] ^= static_cast<uint8_t>(1 << (i % 8));
    auto decoded = decode<Ke1>(changed);
    if (!decoded) continue;
    ++answered;
    auto server = ServerLogin::respond(scene.setup, asBytes("alice"), &scene.alice.record, *decoded, scene.random);
    REQUIRE(server.has_value());
    INFO("byte " << i);
    auto result = client.finish(server->ke2(), testKsf());
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == (i < 32 ? Error::envelopeRecovery : Error::serverAuthentication));
  }
  CHECK(answered >= 32);  // each byte of the nonce, and the elements that happen to be elements
}

TEST_CASE("a record with any byte changed logs nobody in") {
  Scene scene;
  ClientLogin client = scene.login();
  Bytes stored = toBytes(encodeSecret(scene.alice.record).expose());
  std::size_t read = 0;
  for (std::size_t i = 0; i < stored.size(); ++i) {
    Bytes changed = stored;
    changed[i] ^= static_cast<uint8_t>(1 << (i % 8));
    auto record = decode<RegistrationRecord>(changed);
    if (!record) continue;
    ++read;
    INFO("byte " << i);
    auto result = client.finish(scene.respond(client.ke1(), "alice", &*record).ke2(), testKsf());
    REQUIRE_FALSE(result.has_value());
    CHECK(result.error() == (i < 32 ? Error::serverAuthentication : Error::envelopeRecovery));
  }
  CHECK(read >= 160);
}

TEST_CASE("another user's record logs nobody in, not even with one password for both") {
  Scene scene;
  Registered bob = enroll(scene.setup, "bob", kPassword, scene.random);
  ClientLogin client = scene.login();
  auto refused = [&](std::string_view identifier, const RegistrationRecord& record) {
    auto result = client.finish(scene.respond(client.ke1(), identifier, &record).ke2(), testKsf());
    return !result.has_value() && result.error() == Error::envelopeRecovery;
  };
  CHECK(refused("alice", bob.record));
  CHECK(refused("bob", scene.alice.record));
  CHECK_FALSE(refused("bob", bob.record));
}

TEST_CASE("a record of before a password change logs nobody in with the later password, nor the reverse") {
  Scene scene;
  Registered changed = enroll(scene.setup, "alice", "a later password", scene.random);
  ClientLogin client = scene.login();
  CHECK_FALSE(client.finish(scene.respond(client.ke1(), "alice", &changed.record).ke2(), testKsf()).has_value());
  auto later = *ClientLogin::start(secretText("a later password"), scene.random);
  CHECK(later.finish(scene.respond(later.ke1(), "alice", &changed.record).ke2(), testKsf()).has_value());
  CHECK_FALSE(later.finish(scene.respond(later.ke1(), "alice", &scene.alice.record).ke2(), testKsf()).has_value());
}

TEST_CASE("elements that are none are refused by every answer of the server") {
  Scene scene;
  for (auto [what, hex] : testing::kBadElements) {
    INFO(what);
    Element bad;
    std::ranges::copy(*fromHex(hex), bad.bytes.begin());
    CHECK(respondToRegistration(scene.setup, asBytes("alice"), {bad}).error() == Error::deserialize);
    Ke1 blinded = scene.login().ke1();
    blinded.credentialRequest.blindedMessage = bad;
    Ke1 keyshare = scene.login().ke1();
    keyshare.authRequest.clientPublicKeyshare = bad;
    for (const Ke1& ke1 : {blinded, keyshare}) {
      for (const RegistrationRecord* record :
           {&std::as_const(scene.alice.record), static_cast<const RegistrationRecord*>(nullptr)}) {
        auto login = ServerLogin::respond(scene.setup, asBytes("alice"), record, ke1, scene.random);
        CHECK(login.error() == Error::deserialize);
      }
    }
    RegistrationRecord record{.clientPublicKey = bad,
                              .maskingKey = scene.alice.record.maskingKey.clone(),
                              .envelope = scene.alice.record.envelope};
    auto login = ServerLogin::respond(scene.setup, asBytes("alice"), &record, scene.login().ke1(), scene.random);
    CHECK(login.error() == Error::deserialize);
  }
}

TEST_CASE("an unknown user is answered in the same shape, and the client cannot tell it from a wrong password") {
  Scene scene;
  ClientLogin client = scene.login();
  ServerLogin unknown = scene.respond(client.ke1(), "nobody", nullptr);
  Bytes ke2 = encode(unknown.ke2());
  CHECK(ke2.size() == kKe2Size);
  CHECK(decode<Ke2>(ke2).has_value());
  CHECK(client.finish(unknown.ke2(), testKsf()).error() == Error::envelopeRecovery);

  auto mistyped = *ClientLogin::start(secretText("wrong"), scene.random);
  ServerLogin known = scene.respond(mistyped.ke1(), "alice", &scene.alice.record);
  CHECK(mistyped.finish(known.ke2(), testKsf()).error() == Error::envelopeRecovery);
  CHECK(unknown.finish(Ke3{}).error() == known.finish(Ke3{}).error());
}

// What changes and what stays between two answers to one KE1 is all that someone who asks twice can see.
struct Difference {
  bool evaluated, maskingNonce, masked, serverNonce, keyshare, mac;
  bool operator==(const Difference&) const = default;
};
Difference difference(const Ke2& a, const Ke2& b) {
  return {.evaluated = a.credentialResponse.evaluatedMessage != b.credentialResponse.evaluatedMessage,
          .maskingNonce = a.credentialResponse.maskingNonce != b.credentialResponse.maskingNonce,
          .masked = a.credentialResponse.maskedResponse != b.credentialResponse.maskedResponse,
          .serverNonce = a.authResponse.serverNonce != b.authResponse.serverNonce,
          .keyshare = a.authResponse.serverPublicKeyshare != b.authResponse.serverPublicKeyshare,
          .mac = a.authResponse.serverMac != b.authResponse.serverMac};
}

TEST_CASE("asked twice, the answers for an unknown user differ where those for a known one do") {
  Scene scene;
  Ke1 ke1 = scene.login().ke1();
  auto ask = [&](std::string_view identifier, const RegistrationRecord* record) {
    return scene.respond(ke1, identifier, record).ke2();
  };
  Difference expected{
      .evaluated = false, .maskingNonce = true, .masked = true, .serverNonce = true, .keyshare = true, .mac = true};
  CHECK(difference(ask("alice", &scene.alice.record), ask("alice", &scene.alice.record)) == expected);
  CHECK(difference(ask("nobody", nullptr), ask("nobody", nullptr)) == expected);
  // One who registers later was answered the same way before.
  CHECK(difference(ask("alice", nullptr), ask("alice", &scene.alice.record)) == expected);
  expected.evaluated = true;
  CHECK(difference(ask("nobody", nullptr), ask("nobody else", nullptr)) == expected);
}

TEST_CASE("an unknown user's answer holds together: it is what a record with those keys would give") {
  Scene scene;
  Ke1 ke1 = scene.login().ke1();
  RegistrationRecord fake = *fakeRecord(scene.setup, asBytes("nobody"));
  SeededRandom one(5);
  SeededRandom two(5);
  auto withNone = ServerLogin::respond(scene.setup, asBytes("nobody"), nullptr, ke1, one);
  auto withFake = ServerLogin::respond(scene.setup, asBytes("nobody"), &fake, ke1, two);
  CHECK(withNone->ke2() == withFake->ke2());
}

TEST_CASE("a registration is answered from the seed and the identifier alone") {
  Scene scene;
  auto client = *ClientRegistration::start(secretText(kPassword), scene.random);
  auto response = respondToRegistration(scene.setup, asBytes("carol"), client.request());
  REQUIRE(response.has_value());
  CHECK(response == respondToRegistration(scene.setup, asBytes("carol"), client.request()));
  CHECK(response != respondToRegistration(scene.setup, asBytes("dave"), client.request()));
  CHECK(response->serverPublicKey == scene.setup.staticKey.publicKey);
}

}  // namespace
}  // namespace qpq::opaque
