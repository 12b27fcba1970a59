#include "opaque/envelope.h"

#include <catch2/catch_test_macros.hpp>
#include <string_view>

#include "opaque/testing.h"
#include "support/seeded_random.h"

namespace qpq::opaque {
namespace {

using test::SeededRandom;

// An envelope sealed under a stretched password, and what a server would send of it.
struct Scene {
  SeededRandom random{1};
  Key randomizedPassword = random.secret<64>();
  Element serverKey{crypto::multiplyBase(crypto::randomScalar(random))};
  Nonce maskingNonce = random.bytes<32>();

  StoredCredentials store(const Parameters& parameters = {}) {
    return *opaque::store(randomizedPassword, serverKey, parameters, random);
  }
  CredentialResponse response(const RegistrationRecord& record, const ByteArray<32>& claimedServerKey) const {
    return {.maskingNonce = maskingNonce,
            .maskedResponse = mask(record.maskingKey, maskingNonce,
                                   {.serverPublicKey = claimedServerKey, .envelope = record.envelope})};
  }
};

TEST_CASE("what was stored is recovered: the key pair, the export key, the server's key") {
  Scene scene;
  StoredCredentials stored = scene.store();
  auto recovered = recover(scene.randomizedPassword, scene.response(stored.record, scene.serverKey.bytes), {});
  REQUIRE(recovered.has_value());
  CHECK(recovered->clientKey.publicKey == stored.record.clientPublicKey);
  CHECK(recovered->serverPublicKey == scene.serverKey);
  CHECK(constantTimeEqual(recovered->exportKey.expose(), stored.exportKey.expose()));
}

TEST_CASE("each registration draws a nonce, and everything but the masking key follows from it") {
  Scene scene;
  StoredCredentials one = scene.store();
  StoredCredentials two = scene.store();
  CHECK(one.record.envelope.nonce != two.record.envelope.nonce);
  CHECK(one.record.envelope.authTag != two.record.envelope.authTag);
  CHECK(one.record.clientPublicKey != two.record.clientPublicKey);
  CHECK_FALSE(constantTimeEqual(one.exportKey.expose(), two.exportKey.expose()));
  CHECK(constantTimeEqual(one.record.maskingKey.expose(), two.record.maskingKey.expose()));
}

TEST_CASE("an envelope opens for its server's key alone") {
  Scene scene;
  StoredCredentials stored = scene.store();
  Element other{crypto::multiplyBase(crypto::randomScalar(scene.random))};
  CHECK(recover(scene.randomizedPassword, scene.response(stored.record, other.bytes), {}).error() ==
        Error::envelopeRecovery);
  for (auto [what, hex] : testing::kBadElements) {
    INFO(what);
    ByteArray<32> bad;
    std::ranges::copy(*fromHex(hex), bad.begin());
    CHECK(recover(scene.randomizedPassword, scene.response(stored.record, bad), {}).error() == Error::envelopeRecovery);
  }
}

TEST_CASE("the identities are sealed each with its length, so that none can lend a letter to the other") {
  Scene scene;
  const Parameters sealed{.clientIdentity = asBytes("bc"), .serverIdentity = asBytes("a")};
  StoredCredentials stored = scene.store(sealed);
  CredentialResponse response = scene.response(stored.record, scene.serverKey.bytes);
  CHECK(recover(scene.randomizedPassword, response, sealed).has_value());
  const Parameters shifted{.clientIdentity = asBytes("c"), .serverIdentity = asBytes("ab")};
  CHECK(recover(scene.randomizedPassword, response, shifted).error() == Error::envelopeRecovery);
}

TEST_CASE("masking is undone by the same key and nonce, and hides all of its content") {
  Scene scene;
  StoredCredentials stored = scene.store();
  CredentialResponse response = scene.response(stored.record, scene.serverKey.bytes);
  Unmasked content = unmask(stored.record.maskingKey, response);
  CHECK(content.serverPublicKey == scene.serverKey.bytes);
  CHECK(content.envelope == stored.record.envelope);

  CredentialResponse otherNonce = response;
  otherNonce.maskingNonce[0] ^= 1;
  CHECK(unmask(stored.record.maskingKey, otherNonce).envelope != stored.record.envelope);
  CHECK(unmask(scene.random.secret<64>(), response).envelope != stored.record.envelope);
  auto empty = mask(stored.record.maskingKey, scene.maskingNonce, {});
  CHECK_FALSE(equal(ByteView(empty).first(64), ByteArray<64>{}));
  CHECK_FALSE(equal(ByteView(empty).last(64), ByteArray<64>{}));
}

}  // namespace
}  // namespace qpq::opaque
