#include "opaque/key_exchange.h"

#include <catch2/catch_test_macros.hpp>
#include <string>
#include <string_view>

#include "opaque/testing.h"
#include "support/seeded_random.h"

namespace qpq::opaque {
namespace {

using test::SeededRandom;

KeyPair keyPair(uint64_t seed) {
  SeededRandom random(seed);
  return *deriveDiffieHellmanKeyPair(random.secret<32>());
}

TEST_CASE("both sides of a triple Diffie-Hellman hold the same, in the same order") {
  KeyPair clientShare = keyPair(1);
  KeyPair clientStatic = keyPair(2);
  KeyPair serverShare = keyPair(3);
  KeyPair serverStatic = keyPair(4);
  auto atClient = tripleDiffieHellman({{{clientShare.privateKey, serverShare.publicKey},
                                        {clientShare.privateKey, serverStatic.publicKey},
                                        {clientStatic.privateKey, serverShare.publicKey}}});
  auto atServer = tripleDiffieHellman({{{serverShare.privateKey, clientShare.publicKey},
                                        {serverStatic.privateKey, clientShare.publicKey},
                                        {serverShare.privateKey, clientStatic.publicKey}}});
  REQUIRE((atClient.has_value() && atServer.has_value()));
  CHECK(toHex(atClient->expose()) == toHex(atServer->expose()));
  auto parts = atClient->expose();
  CHECK_FALSE(equal(parts.first(32), parts.subspan(32, 32)));
  CHECK_FALSE(equal(parts.subspan(32, 32), parts.subspan(64)));
}

TEST_CASE("a public key that is no element is refused in each of the three places") {
  KeyPair ours = keyPair(1);
  KeyPair theirs = keyPair(2);
  for (auto [what, hex] : testing::kBadElements) {
    INFO(what);
    Element bad;
    std::ranges::copy(*fromHex(hex), bad.bytes.begin());
    for (std::size_t place = 0; place < 3; ++place) {
      auto publicKey = [&](std::size_t i) -> const Element& { return i == place ? bad : theirs.publicKey; };
      auto shared = tripleDiffieHellman(
          {{{ours.privateKey, publicKey(0)}, {ours.privateKey, publicKey(1)}, {ours.privateKey, publicKey(2)}}});
      REQUIRE_FALSE(shared.has_value());
      CHECK(shared.error() == Error::deserialize);
    }
  }
}

TEST_CASE("the preamble is laid out as in RFC 9807 §6.4.2.1, without the server's MAC") {
  Ke1 ke1{.credentialRequest = {keyPair(1).publicKey}, .authRequest = {.clientPublicKeyshare = keyPair(2).publicKey}};
  Ke2 ke2{.credentialResponse = {.evaluatedMessage = keyPair(3).publicKey},
          .authResponse = {.serverPublicKeyshare = keyPair(4).publicKey}};
  Parameters parameters{.context = asBytes("ctx"), .clientIdentity = asBytes("alice")};
  Element serverKey = keyPair(5).publicKey;
  Identities names = identities(parameters, serverKey, keyPair(6).publicKey);
  Bytes bytes = preamble(parameters, names, ke1, ke2);
  CHECK(toHex(bytes) == toHex(asBytes("OPAQUEv1-")) + "0003" + toHex(asBytes("ctx")) + "0005" +
                            toHex(asBytes("alice")) + toHex(encode(ke1)) + "0020" + toHex(serverKey.bytes) +
                            toHex(ByteView(encode(ke2)).first(256)));
  ke2.authResponse.serverMac.fill(1);
  CHECK(preamble(parameters, names, ke1, ke2) == bytes);
}

TEST_CASE("the keys of a handshake are different from each other and follow from all of its input") {
  SeededRandom random(9);
  Secret<96> input = random.secret<96>();
  Handshake handshake = deriveHandshake(input, asBytes("preamble"));
  auto hex = [](const Key& key) { return toHex(key.expose()); };
  CHECK(hex(handshake.serverMac) != hex(handshake.clientMac));
  CHECK(hex(handshake.clientMac) != hex(handshake.sessionKey));
  CHECK(hex(handshake.sessionKey) != hex(handshake.serverMac));
  for (const Handshake& other :
       {deriveHandshake(input, asBytes("preambl")), deriveHandshake(random.secret<96>(), asBytes("preamble"))}) {
    CHECK(hex(other.serverMac) != hex(handshake.serverMac));
    CHECK(hex(other.clientMac) != hex(handshake.clientMac));
    CHECK(hex(other.sessionKey) != hex(handshake.sessionKey));
  }
}

}  // namespace
}  // namespace qpq::opaque
