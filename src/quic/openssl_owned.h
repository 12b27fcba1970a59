#pragma once

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <memory>

namespace qpq::quic {

template <auto Free>
struct FreedBy {
  template <class T>
  void operator()(T* object) const {
    Free(object);
  }
};

using BioOwned = std::unique_ptr<BIO, FreedBy<BIO_free_all>>;
using KeyOwned = std::unique_ptr<EVP_PKEY, FreedBy<EVP_PKEY_free>>;
using SslContextOwned = std::unique_ptr<SSL_CTX, FreedBy<SSL_CTX_free>>;
using X509Owned = std::unique_ptr<X509, FreedBy<X509_free>>;
using X509StoreOwned = std::unique_ptr<X509_STORE, FreedBy<X509_STORE_free>>;
using X509StoreContextOwned = std::unique_ptr<X509_STORE_CTX, FreedBy<X509_STORE_CTX_free>>;

}  // namespace qpq::quic
