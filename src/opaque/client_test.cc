#include "opaque/client.h"

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>

#include "opaque/limits.h"
#include "opaque/server.h"
#include "opaque/testing.h"
#include "support/seeded_random.h"

namespace qpq::opaque {
namespace {

using test::SeededRandom;
using testing::enroll;
using testing::secretText;
using testing::testKsf;

static_assert(!std::is_copy_constructible_v<ClientRegistration> && std::is_move_constructible_v<ClientRegistration>);
static_assert(!std::is_copy_constructible_v<ClientLogin> && std::is_move_constructible_v<ClientLogin>);
static_assert(!std::is_copy_constructible_v<Registered> && !std::is_copy_constructible_v<LoggedIn>);

constexpr std::string_view kPassword = "correct horse battery staple";

// Alice has an account; each test has her log in once, and something is not as it should be.
struct Scene {
  SeededRandom random{7};
  ServerSetup setup = ServerSetup::generate(random);
  Registered alice = enroll(setup, "alice", kPassword, random);

  ClientLogin login(std::string_view password = kPassword) { return *ClientLogin::start(secretText(password), random); }
  ServerLogin respond(const ClientLogin& login, const Parameters& parameters = {}) {
    return *ServerLogin::respond(setup, asBytes("alice"), &alice.record, login.ke1(), random, parameters);
  }
};

TEST_CASE("with the right password both sides hold one session key, and the client its export key of before") {
  Scene scene;
  ClientLogin client = scene.login();
  ServerLogin server = scene.respond(client);
  auto loggedIn = client.finish(server.ke2(), testKsf());
  REQUIRE(loggedIn.has_value());
  auto sessionKey = server.finish(loggedIn->ke3);
  REQUIRE(sessionKey.has_value());
  CHECK(constantTimeEqual(sessionKey->expose(), loggedIn->sessionKey.expose()));
  CHECK(constantTimeEqual(loggedIn->exportKey.expose(), scene.alice.exportKey.expose()));
  CHECK(loggedIn->serverPublicKey == scene.setup.staticKey.publicKey);
}

TEST_CASE("two logins share the export key and nothing else") {
  Scene scene;
  ClientLogin first = scene.login();
  ClientLogin second = scene.login();
  CHECK(first.ke1().credentialRequest != second.ke1().credentialRequest);
  CHECK(first.ke1().authRequest.clientNonce != second.ke1().authRequest.clientNonce);
  CHECK(first.ke1().authRequest.clientPublicKeyshare != second.ke1().authRequest.clientPublicKeyshare);
  auto one = first.finish(scene.respond(first).ke2(), testKsf());
  auto two = second.finish(scene.respond(second).ke2(), testKsf());
  CHECK(constantTimeEqual(one->exportKey.expose(), two->exportKey.expose()));
  CHECK_FALSE(constantTimeEqual(one->sessionKey.expose(), two->sessionKey.expose()));
  CHECK(one->ke3 != two->ke3);
}

TEST_CASE("a wrong password is refused, even the nearest") {
  Scene scene;
  for (std::string_view password : {"correct horse battery stapl", "correct horse battery staple ", "", "Correct"}) {
    ClientLogin client = scene.login(password);
    CHECK(client.finish(scene.respond(client).ke2(), testKsf()).error() == Error::envelopeRecovery);
  }
}

TEST_CASE("an empty password is a password") {
  SeededRandom random(1);
  ServerSetup setup = ServerSetup::generate(random);
  Registered account = enroll(setup, "empty", "", random);
  auto client = *ClientLogin::start(SecretBytes(), random);
  auto server = *ServerLogin::respond(setup, asBytes("empty"), &account.record, client.ke1(), random);
  CHECK(client.finish(server.ke2(), testKsf()).has_value());
}

TEST_CASE("KE2 with any byte changed is refused, and the login still takes the right one") {
  Scene scene;
  ClientLogin client = scene.login();
  ServerLogin server = scene.respond(client);
  Bytes ke1 = encode(client.ke1());
  Bytes ke2 = encode(server.ke2());
  std::map<Error, std::size_t> refusals;
  std::size_t undecodable = 0;
  for (std::size_t i = 0; i < ke2.size(); ++i) {
    Bytes changed = ke2;
    changed[i] ^= static_cast<uint8_t>(1 << (i % 8));
    auto decoded = decode<Ke2>(changed);
    if (!decoded) {
      ++undecodable;
      continue;
    }
    auto result = client.finish(*decoded, testKsf());
    INFO("byte " << i);
    REQUIRE_FALSE(result.has_value());
    // What the envelope does not cover comes after the credential response: only the server's MAC can speak for it.
    CHECK(result.error() == (i < 192 ? Error::envelopeRecovery : Error::serverAuthentication));
    ++refusals[result.error()];
  }
  CHECK(refusals[Error::envelopeRecovery] >= 160);     // all but some of the element's 32 bytes
  CHECK(refusals[Error::serverAuthentication] >= 96);  // nonce and MAC
  CHECK(undecodable + refusals[Error::envelopeRecovery] + refusals[Error::serverAuthentication] == ke2.size());

  CHECK(encode(client.ke1()) == ke1);
  auto loggedIn = client.finish(server.ke2(), testKsf());
  REQUIRE(loggedIn.has_value());
  CHECK(server.finish(loggedIn->ke3).has_value());
}

TEST_CASE("an answer to another login is refused") {
  Scene scene;
  ClientLogin first = scene.login();
  ClientLogin second = scene.login();
  CHECK_FALSE(first.finish(scene.respond(second).ke2(), testKsf()).has_value());
}

TEST_CASE("elements that are none are refused wherever a message brings them") {
  Scene scene;
  auto registration = *ClientRegistration::start(secretText(kPassword), scene.random);
  auto response = *respondToRegistration(scene.setup, asBytes("alice"), registration.request());
  ClientLogin client = scene.login();
  ServerLogin server = scene.respond(client);
  for (auto [what, hex] : testing::kBadElements) {
    INFO(what);
    Element bad;
    std::ranges::copy(*fromHex(hex), bad.bytes.begin());
    CHECK(registration.finish({bad, response.serverPublicKey}, testKsf(), scene.random).error() == Error::deserialize);
    CHECK(registration.finish({response.evaluatedMessage, bad}, testKsf(), scene.random).error() == Error::deserialize);
    Ke2 evaluated = server.ke2();
    evaluated.credentialResponse.evaluatedMessage = bad;
    CHECK(client.finish(evaluated, testKsf()).error() == Error::deserialize);
    Ke2 keyshare = server.ke2();
    keyshare.authResponse.serverPublicKeyshare = bad;
    CHECK(client.finish(keyshare, testKsf()).error() == Error::deserialize);
  }
  CHECK(registration.finish(response, testKsf(), scene.random).has_value());
  CHECK(client.finish(server.ke2(), testKsf()).has_value());
}

TEST_CASE("a server whose static key has changed since the registration is refused") {
  Scene scene;
  ServerSetup changed{.oprfSeed = scene.setup.oprfSeed.clone(),
                      .staticKey = ServerSetup::generate(scene.random).staticKey};
  ClientLogin client = scene.login();
  auto server = *ServerLogin::respond(changed, asBytes("alice"), &scene.alice.record, client.ke1(), scene.random);
  CHECK(client.finish(server.ke2(), testKsf()).error() == Error::envelopeRecovery);
}

TEST_CASE("a server that has the record and the seed but not the private key is refused") {
  Scene scene;
  ServerSetup stolen{.oprfSeed = scene.setup.oprfSeed.clone(),
                     .staticKey = ServerSetup::generate(scene.random).staticKey};
  stolen.staticKey.publicKey = scene.setup.staticKey.publicKey;
  ClientLogin client = scene.login();
  auto server = *ServerLogin::respond(stolen, asBytes("alice"), &scene.alice.record, client.ke1(), scene.random);
  CHECK(client.finish(server.ke2(), testKsf()).error() == Error::serverAuthentication);
}

TEST_CASE("another cost than at registration looks like a wrong password") {
  Scene scene;
  auto dearer = Argon2id::make({16, 1, 1}, {.costMin = crypto::kArgon2CostTest});
  ClientLogin client = scene.login();
  ServerLogin server = scene.respond(client);
  CHECK(client.finish(server.ke2(), *dearer).error() == Error::envelopeRecovery);
  CHECK(client.finish(server.ke2(), testKsf()).has_value());
}

TEST_CASE("a password that cannot be stretched is an error and no answer") {
  Scene scene;
  auto unusable = Argon2id::make({8, 1, 2}, {.costMin = {0, 0, 0}});
  auto registration = *ClientRegistration::start(secretText(kPassword), scene.random);
  auto response = *respondToRegistration(scene.setup, asBytes("alice"), registration.request());
  CHECK(registration.finish(response, *unusable, scene.random).error() == Error::costRefused);
  ClientLogin client = scene.login();
  CHECK(client.finish(scene.respond(client).ke2(), *unusable).error() == Error::costRefused);
}

TEST_CASE("the context and both identities must be those of the other side") {
  SeededRandom random(3);
  ServerSetup setup = ServerSetup::generate(random);
  const Parameters named{.clientIdentity = asBytes("alice"), .serverIdentity = asBytes("example")};
  Registered account = enroll(setup, "alice", kPassword, random, named);
  auto client = *ClientLogin::start(secretText(kPassword), random);
  auto attempt = [&](const Parameters& clientSide, const Parameters& serverSide) {
    auto server = *ServerLogin::respond(setup, asBytes("alice"), &account.record, client.ke1(), random, serverSide);
    return client.finish(server.ke2(), testKsf(), clientSide).error_or(Error::invalidInput);
  };
  CHECK(attempt(named, named) == Error::invalidInput);  // no error

  Parameters otherContext = named;
  otherContext.context = asBytes("qpq-opaque-v2");
  Parameters otherClient = named;
  otherClient.clientIdentity = asBytes("alic");
  Parameters otherServer = named;
  otherServer.serverIdentity = asBytes("example.org");
  Parameters swapped{.clientIdentity = named.serverIdentity, .serverIdentity = named.clientIdentity};
  for (const Parameters& other : {otherContext, otherClient, otherServer, swapped, Parameters{}}) {
    CHECK(attempt(named, other) == Error::serverAuthentication);
  }
  CHECK(attempt(otherContext, named) == Error::serverAuthentication);
  for (const Parameters& other : {otherClient, otherServer, swapped, Parameters{}}) {
    CHECK(attempt(other, named) == Error::envelopeRecovery);
    CHECK(attempt(other, other) == Error::envelopeRecovery);
  }
}

TEST_CASE("passwords, contexts and identities have the lengths of the RFC") {
  SeededRandom random(4);
  ServerSetup setup = ServerSetup::generate(random);
  std::string longest(kPasswordSizeMax, 'p');
  Registered account = enroll(setup, "alice", longest, random);
  auto client = *ClientLogin::start(secretText(longest), random);
  auto server = *ServerLogin::respond(setup, asBytes("alice"), &account.record, client.ke1(), random);
  CHECK(client.finish(server.ke2(), testKsf()).has_value());
  for (std::size_t size : {kPasswordSizeMax + 1, 100 * kPasswordSizeMax}) {
    CHECK(ClientRegistration::start(SecretBytes(size), random).error() == Error::invalidInput);
    CHECK(ClientLogin::start(SecretBytes(size), random).error() == Error::invalidInput);
  }

  auto registration = *ClientRegistration::start(secretText(kPassword), random);
  auto response = *respondToRegistration(setup, asBytes("alice"), registration.request());
  Bytes bytes(100 * kIdentitySizeMax);
  auto first = [&](std::size_t size) { return ByteView(bytes).first(size); };
  for (const Parameters& fits :
       {Parameters{.context = {}}, Parameters{.context = first(kContextSizeMax)},
        Parameters{.clientIdentity = first(1), .serverIdentity = first(1)},
        Parameters{.clientIdentity = first(kIdentitySizeMax), .serverIdentity = first(kIdentitySizeMax)}}) {
    CHECK(registration.finish(response, testKsf(), random, fits).has_value());
    CHECK(ServerLogin::respond(setup, asBytes("alice"), nullptr, client.ke1(), random, fits).has_value());
  }
  for (const Parameters& refused :
       {Parameters{.context = first(kContextSizeMax + 1)}, Parameters{.context = bytes},
        Parameters{.clientIdentity = ByteView()}, Parameters{.serverIdentity = ByteView()},
        Parameters{.clientIdentity = first(kIdentitySizeMax + 1)}, Parameters{.clientIdentity = bytes},
        Parameters{.serverIdentity = first(kIdentitySizeMax + 1)}, Parameters{.serverIdentity = bytes}}) {
    CHECK(registration.finish(response, testKsf(), random, refused).error() == Error::invalidInput);
    CHECK(client.finish(server.ke2(), testKsf(), refused).error() == Error::invalidInput);
    CHECK(ServerLogin::respond(setup, asBytes("alice"), nullptr, client.ke1(), random, refused).error() ==
          Error::invalidInput);
  }
}

}  // namespace
}  // namespace qpq::opaque
