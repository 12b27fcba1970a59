#include "crypto/libraries.h"

#include <openssl/err.h>
#include <openssl/obj_mac.h>
#include <sodium.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace qpq::crypto::detail {

namespace {

// Where an algorithm stands in kHashIds, kAeadIds and kCurveIds, and so in the arrays beside them.
std::size_t position(HashId id) { return static_cast<std::size_t>(id); }
std::size_t position(AeadId id) { return static_cast<std::size_t>(id) - 1; }
std::size_t position(CurveId id) { return static_cast<std::size_t>(id); }

EVP_MD* fetchDigest(const char* name) {
  EVP_MD* digest = EVP_MD_fetch(nullptr, name, nullptr);
  require(digest != nullptr, name);
  return digest;
}

EVP_CIPHER* fetchCipher(const char* name) {
  EVP_CIPHER* cipher = EVP_CIPHER_fetch(nullptr, name, nullptr);
  require(cipher != nullptr, name);
  return cipher;
}

EVP_KDF* fetchKdf(const char* name) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, name, nullptr);
  require(kdf != nullptr, name);
  return kdf;
}

EC_GROUP* makeCurve(int name) {
  EC_GROUP* group = EC_GROUP_new_by_curve_name(name);
  require(group != nullptr, "EC_GROUP_new_by_curve_name");
  return group;
}

DigestContext makeDigestContext(EVP_MD* digest) {
  DigestContext context(EVP_MD_CTX_new());
  require(context && EVP_DigestInit_ex2(context.get(), digest, nullptr) == 1, "EVP_DigestInit_ex2");
  return context;
}

CipherContext makeCipherContext(EVP_CIPHER* cipher) {
  CipherContext context(EVP_CIPHER_CTX_new());
  require(context && EVP_CipherInit_ex2(context.get(), cipher, nullptr, nullptr, 1, nullptr) == 1,
          "EVP_CipherInit_ex2");
  return context;
}

struct Contexts {
  std::array<DigestContext, kHashIds.size()> digests;
  DigestContext shake256 = makeDigestContext(algorithms().shake256);
  std::array<CipherContext, kAeadIds.size()> ciphers;

  Contexts() {
    std::ranges::transform(algorithms().hashes, digests.begin(), makeDigestContext);
    std::ranges::transform(algorithms().ciphers, ciphers.begin(), makeCipherContext);
  }
};

// One set per thread, because a context may not be shared; no state that outlives a call is in it.
Contexts& contexts() {
  thread_local Contexts own;
  return own;
}

}  // namespace

const Algorithms& algorithms() {
  // The one static object below the KJ line: constant after its first use, the same for every caller, and made of
  // nothing but the installed library. Never freed, so that no thread can use it after the end of main().
  static const Algorithms table{
      .hashes = {fetchDigest("SHA2-256"), fetchDigest("SHA2-384"), fetchDigest("SHA2-512"), fetchDigest("SHA3-256")},
      .shake256 = fetchDigest("SHAKE256"),
      .ciphers = {fetchCipher("AES-128-GCM"), fetchCipher("AES-256-GCM"), fetchCipher("ChaCha20-Poly1305")},
      .argon2id = fetchKdf("ARGON2ID"),
      .curves = {makeCurve(NID_X9_62_prime256v1), makeCurve(NID_secp384r1), makeCurve(NID_secp521r1)},
  };
  return table;
}

EVP_MD_CTX* digestContext(HashId id) { return contexts().digests.at(position(id)).get(); }

EVP_MD_CTX* shake256Context() { return contexts().shake256.get(); }

EVP_CIPHER_CTX* cipherContext(AeadId id) { return contexts().ciphers.at(position(id)).get(); }

const EC_GROUP* curveGroup(CurveId id) { return algorithms().curves.at(position(id)); }

DigestContext newDigestContext(HashId id) { return makeDigestContext(algorithms().hashes.at(position(id))); }

void readySodium() {
  static const int ready = sodium_init();
  require(ready >= 0, "sodium_init");
}

void stop(const char* reason) {
  std::fprintf(stderr, "qpq crypto cannot go on: %s\n", reason);
  ERR_print_errors_fp(stderr);
  std::abort();
}

CryptoError failedAs(CryptoError otherwise) {
  CryptoError reason = otherwise;
  while (unsigned long error = ERR_get_error()) {
    if (ERR_GET_REASON(error) == ERR_R_MALLOC_FAILURE) reason = CryptoError::exhausted;
  }
  return reason;
}

}  // namespace qpq::crypto::detail
