#include "crypto/libraries.h"

#include <openssl/err.h>
#include <openssl/proverr.h>

#include <catch2/catch_test_macros.hpp>

#include "crypto/mlkem768.h"

namespace qpq::crypto {
namespace {

TEST_CASE("a library that had no memory is told apart from input it refused") {
  CHECK(detail::failedAs(CryptoError::badTag) == CryptoError::badTag);
  ERR_raise(ERR_LIB_EVP, ERR_R_MALLOC_FAILURE);
  CHECK(detail::failedAs(CryptoError::badPublicKey) == CryptoError::exhausted);
  ERR_raise(ERR_LIB_PROV, PROV_R_INVALID_KEY);
  ERR_raise(ERR_LIB_PROV, PROV_R_INVALID_KEY);
  CHECK(detail::failedAs(CryptoError::badPublicKey) == CryptoError::badPublicKey);
}

TEST_CASE("a refused key leaves no error behind for the next user of OpenSSL in this thread") {
  Bytes notReduced(kMlKem768PublicKeySize, uint8_t{0xff});
  CHECK(mlKem768Encapsulate(notReduced, Secret<32>()).error() == CryptoError::badPublicKey);
  CHECK(mlKem768DecapsulateExpanded(Bytes(2400), Bytes(kMlKem768CiphertextSize)).error() == CryptoError::badPrivateKey);
  CHECK(ERR_peek_error() == 0);
}

TEST_CASE("algorithms are fetched once, and a thread keeps its contexts") {
  CHECK(&detail::algorithms() == &detail::algorithms());
  CHECK(detail::digestContext(HashId::sha256) == detail::digestContext(HashId::sha256));
  CHECK(detail::digestContext(HashId::sha256) != detail::digestContext(HashId::sha384));
  CHECK(detail::cipherContext(AeadId::aes128Gcm) != detail::cipherContext(AeadId::aes256Gcm));
}

}  // namespace
}  // namespace qpq::crypto
