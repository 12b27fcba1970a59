#include "opaque/server.h"

#include <algorithm>
#include <utility>

#include "opaque/envelope.h"
#include "opaque/key_exchange.h"

namespace qpq::opaque {

namespace {

// §6.3.2.2
CredentialResponse createCredentialResponse(const Element& evaluatedMessage, const Element& serverPublicKey,
                                            const RegistrationRecord& record, Random& random) {
  CredentialResponse response{.evaluatedMessage = evaluatedMessage, .maskingNonce = random.bytes<sizeof(Nonce)>()};
  response.maskedResponse = mask(record.maskingKey, response.maskingNonce,
                                 {.serverPublicKey = serverPublicKey.bytes, .envelope = record.envelope});
  return response;
}

}  // namespace

Result<RegistrationResponse> respondToRegistration(const ServerSetup& setup, ByteView credentialIdentifier,
                                                   const RegistrationRequest& request) {
  Scalar key = TRY(oprfKey(setup, credentialIdentifier));
  return RegistrationResponse{.evaluatedMessage = TRY(blindEvaluate(key, request.blindedMessage)),
                              .serverPublicKey = setup.staticKey.publicKey};
}

ServerLogin::ServerLogin(const Ke2& ke2, Key expectedClientMac, Key sessionKey)
    : ke2_(ke2), expectedClientMac_(std::move(expectedClientMac)), sessionKey_(std::move(sessionKey)) {}

Result<ServerLogin> ServerLogin::respond(const ServerSetup& setup, ByteView credentialIdentifier,
                                         const RegistrationRecord* record, const Ke1& ke1, Random& random,
                                         const Parameters& parameters) {
  TRY(check(parameters));
  // Made for every login, so that the time of the answer does not tell whether it was needed.
  const RegistrationRecord fake = TRY(fakeRecord(setup, credentialIdentifier));
  const RegistrationRecord& user = record != nullptr ? *record : fake;
  const KeyPair& serverKey = setup.staticKey;

  Scalar key = TRY(oprfKey(setup, credentialIdentifier));
  Element evaluated = TRY(blindEvaluate(key, ke1.credentialRequest.blindedMessage));
  Ke2 ke2{.credentialResponse = createCredentialResponse(evaluated, serverKey.publicKey, user, random)};

  // §6.4.4, AuthServerRespond
  AuthResponse& answer = ke2.authResponse;
  answer.serverNonce = random.bytes<sizeof(Nonce)>();
  KeyPair keyshare = TRY(deriveDiffieHellmanKeyPair(random.secret<32>()));
  answer.serverPublicKeyshare = keyshare.publicKey;
  const Element& clientKeyshare = ke1.authRequest.clientPublicKeyshare;
  Secret<96> shared = TRY(tripleDiffieHellman({{{keyshare.privateKey, clientKeyshare},
                                                {serverKey.privateKey, clientKeyshare},
                                                {keyshare.privateKey, user.clientPublicKey}}}));
  Identities names = identities(parameters, serverKey.publicKey, user.clientPublicKey);
  Handshake handshake = deriveHandshake(shared, preamble(parameters, names, ke1, ke2));
  std::ranges::copy(handshake.serverMac.expose(), answer.serverMac.begin());
  return ServerLogin(ke2, std::move(handshake.clientMac), std::move(handshake.sessionKey));
}

Result<Key> ServerLogin::finish(const Ke3& ke3) const {
  if (!constantTimeEqual(ke3.clientMac, expectedClientMac_.expose())) {
    return std::unexpected(Error::clientAuthentication);
  }
  return sessionKey_.clone();
}

}  // namespace qpq::opaque
