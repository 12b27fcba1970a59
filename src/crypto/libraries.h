#pragma once

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#include <array>
#include <memory>

#include "crypto/aead.h"
#include "crypto/error.h"
#include "crypto/hash.h"
#include "crypto/nist_curve.h"

// Inside this room only: OpenSSL and libsodium made ready, once, and what is kept of them.
namespace qpq::crypto::detail {

template <auto free>
struct FreedBy {
  void operator()(auto* object) const { free(object); }
};
template <class T, auto free>
using Owned = std::unique_ptr<T, FreedBy<free>>;

using DigestContext = Owned<EVP_MD_CTX, EVP_MD_CTX_free>;
using CipherContext = Owned<EVP_CIPHER_CTX, EVP_CIPHER_CTX_free>;
using KdfContext = Owned<EVP_KDF_CTX, EVP_KDF_CTX_free>;
using KeyContext = Owned<EVP_PKEY_CTX, EVP_PKEY_CTX_free>;
using Key = Owned<EVP_PKEY, EVP_PKEY_free>;

// Looking an algorithm up by name costs several times what hashing a small MLS structure costs, so each is fetched once
// per process, and this table is the only caller of EVP_*_fetch.
struct Algorithms {
  std::array<EVP_MD*, kHashIds.size()> hashes;  // in the order of kHashIds
  EVP_MD* shake256;
  std::array<EVP_CIPHER*, kAeadIds.size()> ciphers;  // in the order of kAeadIds
  EVP_KDF* argon2id;
  std::array<EC_GROUP*, kCurveIds.size()> curves;  // in the order of kCurveIds
};
const Algorithms& algorithms();

// The calling thread's own contexts, made once and used again: allocating one costs as much as the work done in it.
// Whoever borrows one gives it back ready for the next and holding nothing: a message key must not outlive its message
// in here.
EVP_MD_CTX* digestContext(HashId id);
EVP_MD_CTX* shake256Context();
EVP_CIPHER_CTX* cipherContext(AeadId id);

const EC_GROUP* curveGroup(CurveId id);
DigestContext newDigestContext(HashId id);  // one of the caller's own

// libsodium chooses its implementation for this processor. Called before anything else of it.
void readySodium();

// Ends the program. For what no input can cause (the library has no memory left, a caller broke a documented
// precondition) where the signature has no room for an error: wrong or missing key bytes are worse than a stop.
[[noreturn]] void stop(const char* reason);
inline void require(bool ok, const char* reason) {
  if (!ok) [[unlikely]]
    stop(reason);
}

// Why the OpenSSL call before this one failed: `exhausted` if it had no memory, else `otherwise`. Empties the thread's
// error queue, which the next user of OpenSSL in this thread (TLS) would take for its own.
CryptoError failedAs(CryptoError otherwise);

}  // namespace qpq::crypto::detail
