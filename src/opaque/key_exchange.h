#pragma once

#include <array>

#include "base/bytes.h"
#include "base/secret.h"
#include "opaque/kdf.h"
#include "opaque/messages.h"
#include "opaque/oprf.h"
#include "opaque/parameters.h"

// RFC 9807 §6.4: 3DH over ristretto255, the part both sides compute alike.
namespace qpq::opaque {

// §6.4.1.1
Result<KeyPair> deriveDiffieHellmanKeyPair(const Secret<32>& seed);

struct DiffieHellman {
  const Scalar& privateKey;
  const Element& publicKey;
};
// dh1 ‖ dh2 ‖ dh3. deserialize if a public key is no element.
Result<Secret<96>> tripleDiffieHellman(const std::array<DiffieHellman, 3>& pairs);

// §4, CreateCleartextCredentials: an identity not given is the public key.
struct Identities {
  ByteView server;
  ByteView client;
};
Identities identities(const Parameters& parameters, const Element& serverPublicKey, const Element& clientPublicKey);

// §6.4.2.1. Everything of KE2 but its MAC.
Bytes preamble(const Parameters& parameters, const Identities& identities, const Ke1& ke1, const Ke2& ke2);

// §6.4.2.2 and what both sides make of it: the server sends serverMac and expects clientMac, the client the reverse.
struct Handshake {
  Key serverMac;
  Key clientMac;
  Key sessionKey;
};
Handshake deriveHandshake(const Secret<96>& inputKeyMaterial, ByteView preamble);

}  // namespace qpq::opaque
