#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "crypto/aead.h"
#include "crypto/hash.h"
#include "crypto/hpke.h"
#include "crypto/kem.h"
#include "crypto/sign.h"

namespace qpq::crypto {

// An MLS cipher suite as data (RFC 9420 §17.1): nothing else in the project asks which suite it is.
struct Suite {
  uint16_t id;
  std::string_view name;
  KemId kem;
  HashId hash;  // also the KDF's
  AeadId aead;
  SignatureId signature;

  constexpr HpkeSuite hpke() const { return {kem, hash, aead}; }
};

// RFC 9420 suite 1: what the official vectors speak.
inline constexpr Suite kSuiteX25519{0x0001,
                                    "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519",
                                    KemId::x25519HkdfSha256,
                                    HashId::sha256,
                                    AeadId::aes128Gcm,
                                    SignatureId::ed25519};

// draft-ietf-mls-pq-ciphersuites "TBD2" under a private-range code point, until IANA gives it one.
inline constexpr Suite kSuiteXWing{0xF0E2,
                                   "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519",
                                   KemId::mlkem768X25519,
                                   HashId::sha384,
                                   AeadId::aes256Gcm,
                                   SignatureId::ed25519};

// The one suite of the product. There is no negotiation, so there is no downgrade; a later suite is a successor log.
inline constexpr Suite kProductSuite = kSuiteXWing;

const Suite* findSuite(uint16_t id);  // nullptr if this build does not have it

}  // namespace qpq::crypto
