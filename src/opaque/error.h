#pragma once

#include <expected>

namespace qpq::opaque {

// Why a step was refused (RFC 9807 §9.3). A refused step leaves every state as it was.
enum class Error {
  invalidInput,          // a password, identity or context of a length the RFC does not have (limits.h)
  deserialize,           // a group element that is none: not canonical, or the identity
  deriveKeyPair,         // RFC 9497 §3.2.1: 256 zero scalars in a row; no input is known that gives even one
  costRefused,           // an Argon2 cost below the policy's floor or above what this build spends
  exhausted,             // no memory for the key stretching
  envelopeRecovery,      // wrong password, unknown user, or not the server, record or cost of the registration
  serverAuthentication,  // the server's MAC is not over this handshake
  clientAuthentication,  // the client's MAC is not over this handshake: it does not know the password
};

template <class T>
using Result = std::expected<T, Error>;

}  // namespace qpq::opaque
