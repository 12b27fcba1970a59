#include "crypto/argon2.h"

#include <openssl/core_names.h>

#include <array>

#include "crypto/libraries.h"

namespace qpq::crypto {

namespace {

constexpr std::size_t kSaltMin = 8;           // RFC 9106 §3.1 recommends 16; OpenSSL takes no less than 8
constexpr std::size_t kTagMin = 4;            // RFC 9106 §3.1
constexpr uint32_t kMemoryPerLaneKibMin = 8;  // RFC 9106 §3.1

bool allowed(const Argon2Cost& cost) {
  return kArgon2CostMax.covers(cost) && cost.passes >= 1 && cost.lanes >= 1 &&
         cost.memoryKib >= kMemoryPerLaneKibMin * cost.lanes;
}

// OpenSSL takes a null pointer for a missing parameter, and an empty view may hold one.
OSSL_PARAM octets(const char* name, ByteView value) {
  static uint8_t nothing = 0;
  return OSSL_PARAM_construct_octet_string(name, value.empty() ? &nothing : const_cast<uint8_t*>(value.data()),
                                           value.size());
}

}  // namespace

Result<SecretBytes> argon2id(ByteView password, ByteView salt, const Argon2Cost& cost, std::size_t length) {
  if (!allowed(cost)) return std::unexpected(CryptoError::refused);
  if (salt.size() < kSaltMin || length < kTagMin || length > kArgon2OutputMax) {
    return std::unexpected(CryptoError::badLength);
  }
  Argon2Cost values = cost;
  std::array parameters{
      octets(OSSL_KDF_PARAM_PASSWORD, password),
      octets(OSSL_KDF_PARAM_SALT, salt),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_MEMCOST, &values.memoryKib),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ITER, &values.passes),
      OSSL_PARAM_construct_uint32(OSSL_KDF_PARAM_ARGON2_LANES, &values.lanes),
      OSSL_PARAM_construct_end(),
  };
  detail::KdfContext context(EVP_KDF_CTX_new(detail::algorithms().argon2id));
  SecretBytes out(length);
  // Every parameter has been checked above, so what can still fail is the memory.
  if (!context || EVP_KDF_derive(context.get(), out.writable().data(), length, parameters.data()) != 1) {
    return std::unexpected(detail::failedAs(CryptoError::exhausted));
  }
  return out;
}

}  // namespace qpq::crypto
