#pragma once

#include <cstddef>
#include <cstdint>
#include <variant>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/ed25519.h"
#include "crypto/error.h"

namespace qpq::crypto {

// TLS SignatureScheme code points (RFC 8446 §4.2.3), as MLS suites name them.
enum class SignatureId : uint16_t {
  ecdsaP256Sha256 = 0x0403,
  ecdsaP384Sha384 = 0x0503,
  ecdsaP521Sha512 = 0x0603,
  ed25519 = 0x0807,
  ed448 = 0x0808,
};

struct SignatureKeyPair {
  SecretBytes privateKey;  // the EdDSA seed (32, 57 bytes), or the ECDSA scalar (nist_curve.h)
  Bytes publicKey;         // 32, 57 bytes, or the uncompressed point
};

std::size_t signaturePublicKeySize(SignatureId id);

SignatureKeyPair generateSignatureKey(SignatureId id, Random& random);
// badLength, or badPrivateKey for what is no scalar of an ECDSA curve.
Result<Bytes> signaturePublicKey(SignatureId id, ByteView privateKey);
// A function of key and message, for every scheme. Errors as above.
Result<Bytes> sign(SignatureId id, ByteView privateKey, ByteView message);

// A private key made ready for many signatures: an Ed25519 seed alone costs as much to make ready as to sign with.
// Move-only, wipes itself.
class SigningKey {
 public:
  SigningKey() = default;  // nobody's: it signs nothing
  // badLength, badPrivateKey.
  static Result<SigningKey> from(SignatureId id, ByteView privateKey);

  ByteView expose() const;  // the private key it was made from
  SigningKey clone() const;
  Bytes publicKey() const;                     // empty if it is nobody's
  Result<Bytes> sign(ByteView message) const;  // badPrivateKey if it is nobody's

 private:
  struct AsGiven {
    SignatureId id;
    SecretBytes privateKey;
  };
  explicit SigningKey(std::variant<AsGiven, Ed25519Key> key): key_(std::move(key)) {}

  std::variant<AsGiven, Ed25519Key> key_;
};

// Who signs: a key kept ready, or the bytes of one that signs this once. Borrowed; made from either without a word.
class Signer {
 public:
  Signer() = default;
  Signer(ByteView privateKey): privateKey_(privateKey) {}
  Signer(const SigningKey& key): key_(&key) {}
  Result<Bytes> sign(SignatureId id, ByteView message) const;  // the errors of either

 private:
  ByteView privateKey_;
  const SigningKey* key_ = nullptr;
};
// badSignature, or badPublicKey / badLength when the encoding itself is impossible.
Result<void> verify(SignatureId id, ByteView publicKey, ByteView message, ByteView signature);

}  // namespace qpq::crypto
