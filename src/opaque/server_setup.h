#pragma once

#include <cstddef>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/random.h"
#include "base/secret.h"
#include "opaque/key_exchange.h"
#include "opaque/messages.h"

namespace qpq::opaque {

inline constexpr std::size_t kServerSetupSize = 96;

// RFC 9807 §3.1: what a server draws once and keeps for ever. Every record depends on both: without them nobody logs
// in again, and whoever has them and the records can test guesses at passwords. Written by encodeSecret() only, as
// oprf seed ‖ private key.
struct ServerSetup {
  Key oprfSeed;
  KeyPair staticKey;

  static ServerSetup generate(Random& random);
};

// §5.2.2: the OPRF key of one credential. The identifier must stay the same for the life of the record and belong to
// nobody else: an account id, never a name that can change.
Result<Scalar> oprfKey(const ServerSetup& setup, ByteView credentialIdentifier);

// §6.3.2.2, §10.9: the record that answers for a user who does not exist. A function of the setup and the identifier,
// so that nothing need be stored and the same question has the same answer. No password opens it.
Result<RegistrationRecord> fakeRecord(const ServerSetup& setup, ByteView credentialIdentifier);

// A credential identifier for a name that has no account, in the size of an account id. As stable and as
// unpredictable as a real one.
ByteArray<16> identifierForUnknown(const ServerSetup& setup, ByteView name);

}  // namespace qpq::opaque

template <>
struct qpq::Codec<qpq::opaque::ServerSetup> {
  static void write(SecretWriter& out, const opaque::ServerSetup& setup);
  static Decoded<opaque::ServerSetup> read(Reader& in);  // invalid if the private key is zero or not reduced
};
