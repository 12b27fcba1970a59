#include "opaque/client.h"

#include <algorithm>
#include <utility>

#include "opaque/envelope.h"
#include "opaque/key_exchange.h"

namespace qpq::opaque {

namespace {

// §5.2.3 and §6.3.2.3 begin alike.
Result<Key> randomizedPassword(ByteView password, const Scalar& blind, const Element& evaluatedMessage,
                               const Ksf& ksf) {
  Key oprfOutput = TRY(finalize(password, blind, evaluatedMessage));
  Key stretched = TRY(ksf.stretch(oprfOutput));
  Secret<2 * kHashSize> both;
  std::ranges::copy(oprfOutput.expose(), both.writable().begin());
  std::ranges::copy(stretched.expose(), both.writable().begin() + kHashSize);
  return extract(both.expose());
}

}  // namespace

ClientRegistration::ClientRegistration(SecretBytes password, Blinding blinding)
    : password_(std::move(password)), blind_(std::move(blinding.blind)), request_{blinding.blindedElement} {}

Result<ClientRegistration> ClientRegistration::start(SecretBytes password, Random& random) {
  Blinding blinding = TRY(blind(password.expose(), random));
  return ClientRegistration(std::move(password), std::move(blinding));
}

Result<Registered> ClientRegistration::finish(const RegistrationResponse& response, const Ksf& ksf, Random& random,
                                              const Parameters& parameters) const {
  TRY(check(parameters));
  // §10.7. Nothing below multiplies by it, so a value that no decoder has seen would pass.
  if (!crypto::parseElement(response.serverPublicKey.bytes)) return std::unexpected(Error::deserialize);
  Key randomized = TRY(randomizedPassword(password_.expose(), blind_, response.evaluatedMessage, ksf));
  StoredCredentials stored = TRY(store(randomized, response.serverPublicKey, parameters, random));
  return Registered{.record = std::move(stored.record),
                    .exportKey = std::move(stored.exportKey),
                    .serverPublicKey = response.serverPublicKey};
}

ClientLogin::ClientLogin(SecretBytes password, Scalar blind, Scalar clientSecret, const Ke1& ke1)
    : password_(std::move(password)), blind_(std::move(blind)), clientSecret_(std::move(clientSecret)), ke1_(ke1) {}

Result<ClientLogin> ClientLogin::start(SecretBytes password, Random& random) {
  Blinding blinding = TRY(blind(password.expose(), random));
  // §6.4.3, AuthClientStart
  Nonce nonce = random.bytes<sizeof(Nonce)>();
  KeyPair keyshare = TRY(deriveDiffieHellmanKeyPair(random.secret<32>()));
  Ke1 ke1{.credentialRequest = {blinding.blindedElement},
          .authRequest = {.clientNonce = nonce, .clientPublicKeyshare = keyshare.publicKey}};
  return ClientLogin(std::move(password), std::move(blinding.blind), std::move(keyshare.privateKey), ke1);
}

Result<LoggedIn> ClientLogin::finish(const Ke2& ke2, const Ksf& ksf, const Parameters& parameters) const {
  TRY(check(parameters));
  const CredentialResponse& credentials = ke2.credentialResponse;
  Key randomized = TRY(randomizedPassword(password_.expose(), blind_, credentials.evaluatedMessage, ksf));
  auto [clientKey, serverPublicKey, exportKey] = TRY(recover(randomized, credentials, parameters));

  // §6.4.3, AuthClientFinalize
  const Element& serverKeyshare = ke2.authResponse.serverPublicKeyshare;
  Secret<96> shared = TRY(tripleDiffieHellman(
      {{{clientSecret_, serverKeyshare}, {clientSecret_, serverPublicKey}, {clientKey.privateKey, serverKeyshare}}}));
  Identities names = identities(parameters, serverPublicKey, clientKey.publicKey);
  Handshake handshake = deriveHandshake(shared, preamble(parameters, names, ke1_, ke2));
  if (!constantTimeEqual(handshake.serverMac.expose(), ke2.authResponse.serverMac)) {
    return std::unexpected(Error::serverAuthentication);
  }
  LoggedIn result{.sessionKey = std::move(handshake.sessionKey),
                  .exportKey = std::move(exportKey),
                  .serverPublicKey = serverPublicKey};
  std::ranges::copy(handshake.clientMac.expose(), result.ke3.clientMac.begin());
  return result;
}

}  // namespace qpq::opaque
