#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

using Ed25519PublicKey = ByteArray<32>;
using Ed25519Signature = ByteArray<64>;

// RFC 8032. The seed is the private key everywhere in this project.
class Ed25519Key {
 public:
  explicit Ed25519Key(const Secret<32>& seed);
  const Ed25519PublicKey& publicKey() const { return publicKey_; }
  Ed25519Signature sign(ByteView message) const;
  Secret<32> seed() const;
  ByteView exposeSeed() const { return expanded_.expose().first<32>(); }
  Ed25519Key clone() const { return Ed25519Key(expanded_.clone(), publicKey_); }

 private:
  Ed25519Key(Secret<64> expanded, const Ed25519PublicKey& publicKey)
      : expanded_(std::move(expanded)), publicKey_(publicKey) {}

  Secret<64> expanded_;  // libsodium's form: seed ‖ public key
  Ed25519PublicKey publicKey_;
};

// The one verifier of the whole project (libsodium: rejects low order and non-canonical points, which OpenSSL takes;
// members of a group who disagree about a signature could be split by it).
bool verifyEd25519(const Ed25519PublicKey& key, ByteView message, const Ed25519Signature& signature);

}  // namespace qpq::crypto
