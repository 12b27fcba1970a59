#include "quic/certificate.h"

#include <openssl/decoder.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include <string_view>

#include "base/try.h"
#include "quic/openssl_owned.h"

namespace qpq::quic {
namespace {

BioOwned borrow(ByteView bytes) { return BioOwned(BIO_new_mem_buf(bytes.data(), static_cast<int>(bytes.size()))); }

bool isPem(ByteView file) { return asText(file).contains("-----BEGIN "); }

std::shared_ptr<X509> shared(X509* raw) { return {raw, X509_free}; }

// Without it OpenSSL asks the terminal. Notes that it was called: the key is encrypted.
int noPassphrase(char*, int, int, void* asked) {
  *static_cast<bool*>(asked) = true;
  return -1;
}

std::expected<KeyOwned, CertificateError> readKey(ByteView file) {
  auto bio = borrow(file);
  bool asked = false;
  KeyOwned key;
  if (isPem(file)) {
    key.reset(PEM_read_bio_PrivateKey(bio.get(), nullptr, noPassphrase, &asked));
  } else {
    key.reset(d2i_PrivateKey_bio(bio.get(), nullptr));
  }
  ERR_clear_error();
  if (key) return key;
  return std::unexpected(asked ? CertificateError::keyEncrypted : CertificateError::keyUnreadable);
}

// OpenSSL takes a certificate without looking at its signature, since most are signed by others.
bool isDamaged(X509* certificate) {
  if (X509_NAME_cmp(X509_get_subject_name(certificate), X509_get_issuer_name(certificate)) != 0) return false;
  bool isSigned = X509_verify(certificate, X509_get0_pubkey(certificate)) == 1;
  ERR_clear_error();
  return !isSigned;
}

}  // namespace

const char* sentence(CertificateError error) {
  switch (error) {
    case CertificateError::certificateUnreadable: return "the file is no X.509 certificate in PEM or DER";
    case CertificateError::keyUnreadable: return "the file is no private key in PEM or DER";
    case CertificateError::keyEncrypted: return "the private key is encrypted; store it without a passphrase";
    case CertificateError::keyMismatch: return "the private key does not belong to the certificate";
    case CertificateError::damaged: return "the certificate's own signature is wrong: the file is damaged";
  }
  return "";
}

std::expected<std::vector<Certificate>, CertificateError> Certificate::parse(ByteView file) {
  auto bio = borrow(file);
  std::vector<Certificate> found;
  if (isPem(file)) {
    while (X509* raw = PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)) found.emplace_back(shared(raw));
    // The loop ends well only where no further block begins; a broken second certificate must not shorten a chain.
    bool atEnd = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    if (!atEnd) found.clear();
  } else if (X509* raw = d2i_X509_bio(bio.get(), nullptr)) {
    found.emplace_back(shared(raw));
    if (BIO_pending(bio.get()) != 0) found.clear();
  }
  ERR_clear_error();
  if (found.empty()) return std::unexpected(CertificateError::certificateUnreadable);
  return found;
}

KeyHash Certificate::keyHash() const {
  unsigned char* encoded = nullptr;
  int size = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(raw_.get()), &encoded);
  std::unique_ptr<unsigned char, FreedBy<[](unsigned char* p) { OPENSSL_free(p); }>> owned(encoded);
  KeyHash hash{};
  EVP_Digest(encoded, size > 0 ? static_cast<std::size_t>(size) : 0, hash.data(), nullptr, EVP_sha256(), nullptr);
  return hash;
}

Bytes Certificate::der() const {
  unsigned char* encoded = nullptr;
  int size = i2d_X509(raw_.get(), &encoded);
  Bytes bytes(encoded, encoded + (size > 0 ? size : 0));
  OPENSSL_free(encoded);
  return bytes;
}

std::expected<TlsIdentity, CertificateError> TlsIdentity::load(ByteView certificateFile, ByteView keyFile) {
  auto chain = TRY(Certificate::parse(certificateFile));
  auto key = TRY(readKey(keyFile));
  bool matches = X509_check_private_key(chain.front().raw(), key.get()) == 1;
  ERR_clear_error();
  if (!matches) return std::unexpected(CertificateError::keyMismatch);
  if (isDamaged(chain.front().raw())) return std::unexpected(CertificateError::damaged);
  return TlsIdentity(std::move(chain), std::shared_ptr<EVP_PKEY>(key.release(), EVP_PKEY_free));
}

}  // namespace qpq::quic
