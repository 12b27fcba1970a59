#include "quic/self_signed.h"

#include <arpa/inet.h>
#include <kj/debug.h>
#include <openssl/pem.h>

#include <algorithm>
#include <string_view>

#include "quic/openssl_owned.h"

namespace qpq::quic {
namespace {

using SerialOwned = std::unique_ptr<BIGNUM, FreedBy<BN_free>>;
using ExtensionOwned = std::unique_ptr<X509_EXTENSION, FreedBy<X509_EXTENSION_free>>;

bool isAddress(const std::string& name) {
  ByteArray<16> host;
  return inet_pton(AF_INET, name.c_str(), host.data()) == 1 || inet_pton(AF_INET6, name.c_str(), host.data()) == 1;
}

// The extension below is written in OpenSSL's own little language, so nothing but the letters of a name may enter.
bool isDnsName(std::string_view name) {
  auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= 253 && std::ranges::all_of(name, allowed);
}

std::string alternativeNames(const SelfSignedOptions& options) {
  std::vector<std::string> names{"localhost", "127.0.0.1", "::1"};
  names.insert(names.end(), options.names.begin(), options.names.end());
  std::string text;
  for (const auto& name : names) {
    bool address = isAddress(name);
    KJ_REQUIRE(address || isDnsName(name), "neither a DNS name nor an IP address", name.c_str());
    text += (text.empty() ? "" : ",") + std::string(address ? "IP:" : "DNS:") + name;
  }
  return text;
}

void addExtension(X509* certificate, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  ExtensionOwned extension(X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str()));
  KJ_REQUIRE(extension != nullptr && X509_add_ext(certificate, extension.get(), -1) == 1, "extension", value.c_str());
}

void setSerial(X509* certificate, Random& random) {
  auto bytes = random.bytes<16>();
  bytes[0] &= 0x7f;  // RFC 5280 §4.1.2.2: positive
  SerialOwned serial(BN_bin2bn(bytes.data(), static_cast<int>(bytes.size()), nullptr));
  KJ_REQUIRE(BN_to_ASN1_INTEGER(serial.get(), X509_get_serialNumber(certificate)) != nullptr);
}

void setValidity(X509* certificate, Instant now, uint32_t validDays) {
  auto seconds = [](Instant moment) { return static_cast<time_t>(moment.unixMs / kSecondMs); };
  // A day back: the client's clock may run behind the server's.
  KJ_REQUIRE(ASN1_TIME_set(X509_getm_notBefore(certificate), seconds(now - kDayMs)) != nullptr);
  KJ_REQUIRE(ASN1_TIME_set(X509_getm_notAfter(certificate), seconds(now + validDays * kDayMs)) != nullptr);
}

ByteView contents(BIO* bio) {
  char* data = nullptr;
  long size = BIO_get_mem_data(bio, &data);
  return {reinterpret_cast<const uint8_t*>(data), static_cast<std::size_t>(size)};
}

}  // namespace

SelfSigned makeSelfSigned(Random& random, Instant now, const SelfSignedOptions& options) {
  auto seed = random.secret<32>();
  KeyOwned key(EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, nullptr, seed.expose().data(), seed.expose().size()));
  X509Owned certificate(X509_new());
  KJ_REQUIRE(key != nullptr && certificate != nullptr);

  X509_set_version(certificate.get(), X509_VERSION_3);
  setSerial(certificate.get(), random);
  setValidity(certificate.get(), now, options.validDays);
  X509_set_pubkey(certificate.get(), key.get());
  constexpr std::string_view kCommonName = "quicproquo server";
  X509_NAME* name = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(kCommonName.data()),
                             static_cast<int>(kCommonName.size()), -1, 0);
  X509_set_issuer_name(certificate.get(), name);
  addExtension(certificate.get(), NID_subject_alt_name, alternativeNames(options));
  addExtension(certificate.get(), NID_basic_constraints, "critical,CA:FALSE");
  addExtension(certificate.get(), NID_key_usage, "critical,digitalSignature");
  addExtension(certificate.get(), NID_ext_key_usage, "serverAuth");
  KJ_REQUIRE(X509_sign(certificate.get(), key.get(), nullptr) > 0);

  BioOwned certificatePem(BIO_new(BIO_s_mem()));
  BioOwned keyPem(BIO_new(BIO_s_secmem()));
  KJ_REQUIRE(PEM_write_bio_X509(certificatePem.get(), certificate.get()) == 1);
  KJ_REQUIRE(PEM_write_bio_PKCS8PrivateKey(keyPem.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) == 1);
  return {.certificatePem = toBytes(contents(certificatePem.get())), .keyPem = SecretBytes(contents(keyPem.get()))};
}

}  // namespace qpq::quic
