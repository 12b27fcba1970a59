#pragma once

#include <expected>
#include <memory>
#include <vector>

#include "base/bytes.h"
#include "base/secret.h"

struct x509_st;
struct evp_pkey_st;

namespace qpq::quic {

// SHA-256 of a certificate's SubjectPublicKeyInfo in DER: names the key, and survives a renewed certificate.
using KeyHash = ByteArray<32>;

enum class CertificateError : uint8_t {
  certificateUnreadable,  // neither PEM nor DER of an X.509 certificate
  keyUnreadable,          // neither PEM nor DER of a private key
  keyEncrypted,           // under a passphrase; nobody is asked for one
  keyMismatch,            // the key is not the first certificate's
  damaged,                // it says that it signed itself, and its signature is wrong
};
const char* sentence(CertificateError error);

// One X.509 certificate. Copies share it.
class Certificate {
 public:
  explicit Certificate(std::shared_ptr<x509_st> raw): raw_(std::move(raw)) {}

  // One or more in PEM (a chain, leaf first), or one in DER. Never an empty list.
  static std::expected<std::vector<Certificate>, CertificateError> parse(ByteView file);

  KeyHash keyHash() const;
  Bytes der() const;
  x509_st* raw() const { return raw_.get(); }

 private:
  std::shared_ptr<x509_st> raw_;
};

// What a server proves itself with.
class TlsIdentity {
 public:
  // Both files PEM or DER; the key PKCS #8 or its older forms.
  static std::expected<TlsIdentity, CertificateError> load(ByteView certificateFile, ByteView keyFile);

  const std::vector<Certificate>& chain() const { return chain_; }
  KeyHash keyHash() const { return chain_.front().keyHash(); }
  evp_pkey_st* key() const { return key_.get(); }

 private:
  TlsIdentity(std::vector<Certificate> chain, std::shared_ptr<evp_pkey_st> key)
      : chain_(std::move(chain)), key_(std::move(key)) {}

  std::vector<Certificate> chain_;
  std::shared_ptr<evp_pkey_st> key_;
};

}  // namespace qpq::quic
