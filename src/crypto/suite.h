#pragma once

#include <array>
#include <cstdint>
#include <span>
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
  // The same suite under another number: for peers that gave it one of their own before IANA did.
  constexpr Suite under(uint16_t codePoint) const { return {codePoint, name, kem, hash, aead, signature}; }
};

// Every suite of this build. The last two are "TBD1" and "TBD2" of draft-ietf-mls-pq-ciphersuites under code points of
// the private range, until IANA gives them theirs.
inline constexpr std::array kSuites{
    Suite{0x0001, "MLS_128_DHKEMX25519_AES128GCM_SHA256_Ed25519", KemId::x25519HkdfSha256, HashId::sha256,
          AeadId::aes128Gcm, SignatureId::ed25519},
    Suite{0x0002, "MLS_128_DHKEMP256_AES128GCM_SHA256_P256", KemId::p256HkdfSha256, HashId::sha256, AeadId::aes128Gcm,
          SignatureId::ecdsaP256Sha256},
    Suite{0x0003, "MLS_128_DHKEMX25519_CHACHA20POLY1305_SHA256_Ed25519", KemId::x25519HkdfSha256, HashId::sha256,
          AeadId::chacha20Poly1305, SignatureId::ed25519},
    Suite{0x0004, "MLS_256_DHKEMX448_AES256GCM_SHA512_Ed448", KemId::x448HkdfSha512, HashId::sha512, AeadId::aes256Gcm,
          SignatureId::ed448},
    Suite{0x0005, "MLS_256_DHKEMP521_AES256GCM_SHA512_P521", KemId::p521HkdfSha512, HashId::sha512, AeadId::aes256Gcm,
          SignatureId::ecdsaP521Sha512},
    Suite{0x0006, "MLS_256_DHKEMX448_CHACHA20POLY1305_SHA512_Ed448", KemId::x448HkdfSha512, HashId::sha512,
          AeadId::chacha20Poly1305, SignatureId::ed448},
    Suite{0x0007, "MLS_256_DHKEMP384_AES256GCM_SHA384_P384", KemId::p384HkdfSha384, HashId::sha384, AeadId::aes256Gcm,
          SignatureId::ecdsaP384Sha384},
    Suite{0xF0E1, "MLS_128_MLKEM768X25519_AES128GCM_SHA256_Ed25519", KemId::mlkem768X25519, HashId::sha256,
          AeadId::aes128Gcm, SignatureId::ed25519},
    Suite{0xF0E2, "MLS_128_MLKEM768X25519_AES256GCM_SHA384_Ed25519", KemId::mlkem768X25519, HashId::sha384,
          AeadId::aes256Gcm, SignatureId::ed25519},
};

inline constexpr const Suite& kSuiteX25519 = kSuites[0];
inline constexpr const Suite& kSuiteXWing = kSuites[8];

// The one suite of the product. There is no negotiation, so there is no downgrade; a later suite is a successor log.
inline constexpr const Suite& kProductSuite = kSuiteXWing;

// Which suites somebody takes part in. Borrowed, like the suites found in it: it must outlive what is made with them.
using SuiteTable = std::span<const Suite>;

const Suite* findSuite(uint16_t id, SuiteTable table = kSuites);  // nullptr if it is not there

}  // namespace qpq::crypto
