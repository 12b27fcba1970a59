#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "opaque/error.h"
#include "opaque/messages.h"
#include "opaque/parameters.h"
#include "opaque/server_setup.h"

// The server's answers (RFC 9807 §5, §6). None of them takes a millisecond; limits on attempts are the caller's
// business, and a login that never finishes counts as a failed one (§9.2).
namespace qpq::opaque {

// §5.2.2. deserialize if the request holds no element. The record comes back from the client and is stored by the
// caller beside the identifier.
Result<RegistrationResponse> respondToRegistration(const ServerSetup& setup, ByteView credentialIdentifier,
                                                   const RegistrationRequest& request);

// One login between KE2 and KE3.
class ServerLogin {
 public:
  // §6.2.2. `record` is nullptr for a user who does not exist: the answer is then a fake one, of the same shape, made
  // by the same steps (§10.9). Draws the masking nonce, the server's nonce, the seed of its keyshare, in this order.
  // deserialize if KE1 holds no element where one should be, invalidInput (parameters).
  static Result<ServerLogin> respond(const ServerSetup& setup, ByteView credentialIdentifier,
                                     const RegistrationRecord* record, const Ke1& ke1, Random& random,
                                     const Parameters& parameters = {});

  const Ke2& ke2() const { return ke2_; }

  // §6.2.4: the session key, or clientAuthentication, which says nothing about whether the user exists. Leaves the
  // login as it was.
  Result<Key> finish(const Ke3& ke3) const;

 private:
  ServerLogin(const Ke2& ke2, Key expectedClientMac, Key sessionKey);
  Ke2 ke2_;
  Key expectedClientMac_;
  Key sessionKey_;
};

}  // namespace qpq::opaque
