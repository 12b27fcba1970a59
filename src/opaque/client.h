#pragma once

#include "base/random.h"
#include "base/secret.h"
#include "opaque/error.h"
#include "opaque/ksf.h"
#include "opaque/messages.h"
#include "opaque/oprf.h"
#include "opaque/parameters.h"

// The client's two conversations (RFC 9807 §5, §6). A state is made by start(), holds the password until it is
// destroyed, and is not changed by finish(): a refused answer can be followed by the right one. Drop it when done.
namespace qpq::opaque {

struct Registered {
  RegistrationRecord record;  // for the server, over a confidential channel
  Key exportKey;              // §10.4: the client's alone, the same at every login
  Element serverPublicKey;    // as claimed by whoever answered: compare it with a pin, if there is one
};

class ClientRegistration {
 public:
  // §5.2.1. One scalar is drawn. invalidInput above kPasswordSizeMax bytes.
  static Result<ClientRegistration> start(SecretBytes password, Random& random);

  const RegistrationRequest& request() const { return request_; }

  // §5.2.3. Stretches the password, then draws one nonce. deserialize, invalidInput (parameters), exhausted.
  Result<Registered> finish(const RegistrationResponse& response, const Ksf& ksf, Random& random,
                            const Parameters& parameters = {}) const;

 private:
  ClientRegistration(SecretBytes password, Blinding blinding);
  SecretBytes password_;
  Scalar blind_;
  RegistrationRequest request_;
};

struct LoggedIn {
  Ke3 ke3;                  // for the server, which knows nothing of the success until it has this
  Key sessionKey;           // shared with the server
  Key exportKey;            // that of the registration
  Element serverPublicKey;  // proven to be the one of the registration
};

class ClientLogin {
 public:
  // §6.2.1. Draws a scalar, the nonce, the seed of the keyshare, in this order. invalidInput above kPasswordSizeMax.
  static Result<ClientLogin> start(SecretBytes password, Random& random);

  const Ke1& ke1() const { return ke1_; }

  // §6.2.3. envelopeRecovery: wrong password, unknown user or another server than at registration, which cannot be told
  // apart. serverAuthentication: the envelope is right, the rest of KE2 is not. Also deserialize, invalidInput
  // (parameters), exhausted.
  Result<LoggedIn> finish(const Ke2& ke2, const Ksf& ksf, const Parameters& parameters = {}) const;

 private:
  ClientLogin(SecretBytes password, Scalar blind, Scalar clientSecret, const Ke1& ke1);
  SecretBytes password_;
  Scalar blind_;
  Scalar clientSecret_;
  Ke1 ke1_;
};

}  // namespace qpq::opaque
