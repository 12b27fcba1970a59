#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// RFC 9180 §7.1 code points, in the low 16 bits; 0x647a is X-Wing, "MLKEM768-X25519" of draft-ietf-hpke-pq.
enum class KemId : uint32_t {
  p256HkdfSha256 = 0x0010,
  p384HkdfSha384 = 0x0011,
  p521HkdfSha512 = 0x0012,
  x25519HkdfSha256 = 0x0020,
  x448HkdfSha512 = 0x0021,
  mlkem768X25519 = 0x647a,
  // X-Wing with the derivation of its own draft (draft-connolly-cfrg-xwing-kem), which has no labels and gives other
  // keys. For tests against an implementation that has it; no suite of suite.h names it.
  mlkem768X25519Unlabelled = 0x1'647a,
};
constexpr uint16_t kemCodePoint(KemId id) { return static_cast<uint16_t>(id); }

struct KemKeyPair {
  SecretBytes privateKey;  // a scalar (big-endian for the NIST curves), or the X-Wing seed
  Bytes publicKey;
};

struct Encapsulation {
  SecretBytes sharedSecret;  // Nsecret bytes: 32, or the hash's length
  Bytes kemOutput;           // `enc`
};

std::size_t kemPrivateKeySize(KemId id);  // Nsk
std::size_t kemPublicKeySize(KemId id);   // Npk
std::size_t kemOutputSize(KemId id);      // Nenc
// What encapsulate() reads of its randomness, for those who draw it beforehand.
std::size_t encapsulationRandomSize(KemId id);

// DeriveKeyPair of RFC 9180 §7.1.3 and, for X-Wing, the *labelled* form of draft-ietf-hpke-pq, which is what MLS uses.
KemKeyPair deriveKemKeyPair(KemId id, ByteView inputKeyMaterial);
KemKeyPair generateKemKeyPair(KemId id, Random& random);  // DeriveKeyPair of Nsk random bytes
// badLength, or badPrivateKey for what is no scalar of a NIST curve.
Result<Bytes> kemPublicKey(KemId id, ByteView privateKey);
// badLength, or badPublicKey: not a point (RFC 9180 §7.1.4), of low order, or not reduced (FIPS 203 §7.2). Reads the
// randomness the published vectors name: for a DHKEM Nsk bytes (ikmE), for X-Wing 64 (its draft's eseed).
Result<Encapsulation> encapsulate(KemId id, ByteView publicKey, Random& random);
// badLength, or badPublicKey for an ephemeral key as above; badPrivateKey as kemPublicKey(). Any other wrong output
// gives another secret.
Result<SecretBytes> decapsulate(KemId id, ByteView privateKey, ByteView kemOutput);

}  // namespace qpq::crypto
