#include "crypto/ecdsa.h"

#include <openssl/core_names.h>

#include <algorithm>

#include "base/try.h"
#include "crypto/libraries.h"

namespace qpq::crypto {

using detail::DigestContext;
using detail::failedAs;
using detail::Key;
using detail::KeyContext;
using detail::require;

namespace {

const char* curveName(CurveId id) {
  switch (id) {
    case CurveId::p256: return "P-256";
    case CurveId::p384: return "P-384";
    case CurveId::p521: return "P-521";
  }
  return "";
}

const char* digestName(CurveId id) {
  switch (id) {
    case CurveId::p256: return "SHA2-256";
    case CurveId::p384: return "SHA2-384";
    case CurveId::p521: return "SHA2-512";
  }
  return "";
}

// OpenSSL takes parameters as writable and only reads them.
OSSL_PARAM text(const char* name, const char* value) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>(value), 0);
}

Key keyFrom(CurveId id, int selection, OSSL_PARAM part) {
  std::array parameters{text(OSSL_PKEY_PARAM_GROUP_NAME, curveName(id)), part, OSSL_PARAM_construct_end()};
  KeyContext context(EVP_PKEY_CTX_new_from_name(nullptr, "EC", nullptr));
  EVP_PKEY* key = nullptr;
  require(context && EVP_PKEY_fromdata_init(context.get()) == 1, "EVP_PKEY_fromdata_init");
  (void)EVP_PKEY_fromdata(context.get(), &key, selection, parameters.data());
  return Key(key);
}

DigestContext newContext() {
  DigestContext context(EVP_MD_CTX_new());
  require(context != nullptr, "EVP_MD_CTX_new");
  return context;
}

}  // namespace

Result<Bytes> ecdsaSign(CurveId id, ByteView privateKey, ByteView message) {
  TRY(checkCurvePrivateKey(id, privateKey));
  SecretBytes scalar(privateKey);
  std::ranges::reverse(scalar.writable());  // a number, in the order of this machine
  Key key = keyFrom(id, EVP_PKEY_KEYPAIR,
                    OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_PRIV_KEY, scalar.writable().data(), scalar.size()));
  require(key != nullptr, "EVP_PKEY_fromdata");
  unsigned int deterministic = 1;
  std::array parameters{OSSL_PARAM_construct_uint(OSSL_SIGNATURE_PARAM_NONCE_TYPE, &deterministic),
                        OSSL_PARAM_construct_end()};
  DigestContext context = newContext();
  std::size_t size = 0;
  require(EVP_DigestSignInit_ex(context.get(), nullptr, digestName(id), nullptr, nullptr, key.get(),
                                parameters.data()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, message.data(), message.size()) == 1,
          "EVP_DigestSignInit_ex");
  Bytes signature(size);
  require(EVP_DigestSign(context.get(), signature.data(), &size, message.data(), message.size()) == 1,
          "EVP_DigestSign");
  signature.resize(size);
  return signature;
}

Result<void> ecdsaVerify(CurveId id, ByteView publicKey, ByteView message, ByteView signature) {
  TRY(checkCurvePublicKey(id, publicKey));
  Key key = keyFrom(id, EVP_PKEY_PUBLIC_KEY,
                    OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, const_cast<uint8_t*>(publicKey.data()),
                                                      publicKey.size()));
  if (!key) return std::unexpected(failedAs(CryptoError::badPublicKey));
  DigestContext context = newContext();
  require(EVP_DigestVerifyInit_ex(context.get(), nullptr, digestName(id), nullptr, nullptr, key.get(), nullptr) == 1,
          "EVP_DigestVerifyInit_ex");
  if (EVP_DigestVerify(context.get(), signature.data(), signature.size(), message.data(), message.size()) != 1) {
    return std::unexpected(failedAs(CryptoError::badSignature));
  }
  return {};
}

}  // namespace qpq::crypto
