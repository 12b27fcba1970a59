#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// RFC 9180 §7.1 code points; 0x647a is X-Wing, "MLKEM768-X25519" of draft-ietf-hpke-pq.
enum class KemId : uint16_t { x25519HkdfSha256 = 0x0020, mlkem768X25519 = 0x647a };

struct KemKeyPair {
  SecretBytes privateKey;  // 32 bytes for both: the X25519 scalar, the X-Wing seed
  Bytes publicKey;         // 32, 1216 bytes
};

struct Encapsulation {
  SecretBytes sharedSecret;  // 32 bytes
  Bytes kemOutput;           // `enc`: 32, 1120 bytes
};

std::size_t kemPublicKeySize(KemId id);
std::size_t kemOutputSize(KemId id);

// DeriveKeyPair of RFC 9180 §7.1.3 and, for X-Wing, the *labelled* form of draft-ietf-hpke-pq, which is what MLS uses.
KemKeyPair deriveKemKeyPair(KemId id, ByteView inputKeyMaterial);
KemKeyPair generateKemKeyPair(KemId id, Random& random);  // DeriveKeyPair of 32 random bytes
// badLength is the only error.
Result<Bytes> kemPublicKey(KemId id, ByteView privateKey);
// badLength, or badPublicKey: not reduced (FIPS 203 §7.2) or of low order (RFC 9180 §7.1.4). Reads the randomness the
// published vectors name: X25519 32 bytes (ikmE), X-Wing 64 (its draft's eseed).
Result<Encapsulation> encapsulate(KemId id, ByteView publicKey, Random& random);
// badLength, or badPublicKey for an ephemeral X25519 point of low order. Any other wrong output gives another secret.
Result<SecretBytes> decapsulate(KemId id, ByteView privateKey, ByteView kemOutput);

}  // namespace qpq::crypto
