#include "quic/certificate.h"

#include <kj/exception.h>
#include <openssl/pem.h>

#include <catch2/catch_test_macros.hpp>
#include <functional>

#include "quic/openssl_owned.h"
#include "quic/peer_verifier.h"
#include "quic/self_signed.h"
#include "support/seeded_random.h"

namespace qpq::quic {
namespace {

constexpr Instant kNow{1'790'000'000'000};

SelfSigned selfSigned(uint64_t seed, SelfSignedOptions options = {}) {
  qpq::test::SeededRandom random(seed);
  return makeSelfSigned(random, kNow, options);
}

Bytes contents(BIO* bio) {
  char* data = nullptr;
  auto size = static_cast<std::size_t>(BIO_get_mem_data(bio, &data));
  return toBytes(asBytes({data, size}));
}

// The key of a PEM file in another form.
Bytes keyAs(ByteView pem, const std::function<int(BIO*, EVP_PKEY*)>& write) {
  BioOwned in(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  KeyOwned key(PEM_read_bio_PrivateKey(in.get(), nullptr, nullptr, nullptr));
  BioOwned out(BIO_new(BIO_s_mem()));
  REQUIRE(write(out.get(), key.get()) == 1);
  return contents(out.get());
}

TEST_CASE("a self-made certificate and its key load from PEM and from DER, in any mixture") {
  auto files = selfSigned(1);
  Bytes keyPem = toBytes(files.keyPem.expose());
  Bytes keyDer = keyAs(keyPem, [](BIO* out, EVP_PKEY* key) {
    return i2d_PKCS8PrivateKey_bio(out, key, nullptr, nullptr, 0, nullptr, nullptr);
  });
  auto fromPem = TlsIdentity::load(files.certificatePem, keyPem);
  REQUIRE(fromPem.has_value());
  Bytes certificateDer = fromPem->chain().front().der();
  for (const Bytes& certificate : {files.certificatePem, certificateDer}) {
    for (const Bytes& key : {keyPem, keyDer}) {
      auto identity = TlsIdentity::load(certificate, key);
      REQUIRE(identity.has_value());
      CHECK(identity->keyHash() == fromPem->keyHash());
    }
  }
}

TEST_CASE("a self-made certificate with a flipped bit is not taken, unless the bit is of a name") {
  auto files = selfSigned(1);
  Bytes key = toBytes(files.keyPem.expose());
  const Bytes der = TlsIdentity::load(files.certificatePem, key)->chain().front().der();
  constexpr std::string_view kName = "quicproquo server";
  constexpr std::size_t kAround = 13;  // of a name in DER
  std::size_t accepted = 0, damaged = 0;
  for (std::size_t byte = 0; byte < der.size(); ++byte) {
    Bytes flipped = der;
    flipped[byte] ^= 1;
    auto loaded = TlsIdentity::load(flipped, key);
    if (loaded) ++accepted;
    if (!loaded && loaded.error() == CertificateError::damaged) ++damaged;
  }
  // Issued by another name it could be somebody's, whose key is not here.
  CHECK(accepted <= 2 * (kName.size() + kAround));
  // The signature, the serial number, the times, the names of hosts.
  CHECK(damaged > 64 + 16 + 13);
}

TEST_CASE("a P-256 certificate, as other tools make them, loads too") {
  constexpr std::string_view kCertificate =
      "-----BEGIN CERTIFICATE-----\n"
      "MIIBgDCCASWgAwIBAgIUWvhmWfVmx2fWHU46Sy+WQ/gjksowCgYIKoZIzj0EAwIw\n"
      "FDESMBAGA1UEAwwJcDI1Ni50ZXN0MCAXDTI2MTEyMzA2NTMzNloYDzIxMjYxMDMw\n"
      "MDY1MzM2WjAUMRIwEAYDVQQDDAlwMjU2LnRlc3QwWTATBgcqhkjOPQIBBggqhkjO\n"
      "PQMBBwNCAAQXRnsLPSTnsuadJd7/rhsTGQ4dZgE9y8gDOHMJ64qLvtOhWcHQ8Z3P\n"
      "ydVVk6y/IQ6zayPSlcs9UX2cm/fclQ4qo1MwUTAdBgNVHQ4EFgQUlEn/iGz3y6al\n"
      "vLT6oIMKwjpoSY4wHwYDVR0jBBgwFoAUlEn/iGz3y6alvLT6oIMKwjpoSY4wDwYD\n"
      "VR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNJADBGAiEAoMqzRHFxFJHzX85Tr4iV\n"
      "3I3+9Z7t/EM5pfvWyKhhsEwCIQDjHIuvNKRO16aBZNeHxHaj0faSJQJdE3gUobxH\n"
      "tFxd/w==\n"
      "-----END CERTIFICATE-----\n";
  constexpr std::string_view kKey =
      "-----BEGIN EC PRIVATE KEY-----\n"
      "MHcCAQEEIPueXw1dlE9/U6zvtpD41hKNGuopJEsqe1AGaW1PqIW1oAoGCCqGSM49\n"
      "AwEHoUQDQgAEF0Z7Cz0k57LmnSXe/64bExkOHWYBPcvIAzhzCeuKi77ToVnB0PGd\n"
      "z8nVVZOsvyEOs2sj0pXLPVF9nJv33JUOKg==\n"
      "-----END EC PRIVATE KEY-----\n";
  auto identity = TlsIdentity::load(asBytes(kCertificate), asBytes(kKey));
  REQUIRE(identity.has_value());
  CHECK(toHex(identity->keyHash()) == "7d4a6fd16753d11ef3af3b2fef5953cf0f214d5ccd8165932116e3de0fcef041");
}

TEST_CASE("the same seed and moment make the same certificate, another seed another key") {
  CHECK(selfSigned(1).certificatePem == selfSigned(1).certificatePem);
  auto hash = [](const SelfSigned& files) { return Certificate::parse(files.certificatePem)->front().keyHash(); };
  CHECK(hash(selfSigned(1)) != hash(selfSigned(2)));
}

TEST_CASE("what is no certificate, no key, or not the certificate's key has an error of its own") {
  auto files = selfSigned(1);
  Bytes certificate = files.certificatePem;
  Bytes key = toBytes(files.keyPem.expose());
  auto error = [](ByteView c, ByteView k) { return TlsIdentity::load(c, k).error(); };
  CHECK(error({}, key) == CertificateError::certificateUnreadable);
  CHECK(error(asBytes("hello"), key) == CertificateError::certificateUnreadable);
  CHECK(error(key, key) == CertificateError::certificateUnreadable);
  CHECK(error(certificate, {}) == CertificateError::keyUnreadable);
  CHECK(error(certificate, asBytes("hello")) == CertificateError::keyUnreadable);
  CHECK(error(certificate, certificate) == CertificateError::keyUnreadable);
  CHECK(error(certificate, toBytes(selfSigned(2).keyPem.expose())) == CertificateError::keyMismatch);
  Bytes locked = keyAs(key, [](BIO* out, EVP_PKEY* pkey) {
    return PEM_write_bio_PKCS8PrivateKey(out, pkey, EVP_aes_256_cbc(), "secret", 6, nullptr, nullptr);
  });
  CHECK(error(certificate, locked) == CertificateError::keyEncrypted);
}

TEST_CASE("a chain is read whole or not at all") {
  auto first = selfSigned(1);
  auto second = selfSigned(2);
  Bytes both = concat({first.certificatePem, asBytes("some words between\n"), second.certificatePem});
  auto chain = Certificate::parse(both);
  REQUIRE(chain.has_value());
  CHECK(chain->size() == 2);
  Bytes broken = both;
  broken[first.certificatePem.size() + 100] = '!';
  CHECK(Certificate::parse(broken).error() == CertificateError::certificateUnreadable);
  Bytes der = chain->front().der();
  der.push_back(0);
  CHECK_FALSE(Certificate::parse(der).has_value());
}

TEST_CASE("every truncation of a certificate file is refused") {
  auto files = selfSigned(1);
  Bytes der = Certificate::parse(files.certificatePem)->front().der();
  for (std::size_t size = 0; size < der.size(); ++size) {
    CHECK_FALSE(Certificate::parse(ByteView(der).first(size)).has_value());
  }
}

TEST_CASE("names that are no names do not get into a certificate") {
  for (std::string name : {"", "a,IP:1.2.3.4", "exa mple", "x\ny", "*.example.org", "copy:x"}) {
    INFO(name);
    CHECK_THROWS_AS(selfSigned(1, {.names = {name}}), kj::Exception);
  }
  CHECK_NOTHROW(selfSigned(1, {.names = {"chat.example.org", "192.0.2.7", "2001:db8::7"}}));
}

// A voucher and a server certificate it signed.
struct Vouched {
  Vouched() {
    caKey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    ca = sign("voucher", caKey.get(), nullptr, "critical,CA:TRUE", {});
    leafKey.reset(EVP_PKEY_Q_keygen(nullptr, nullptr, "ED25519"));
    leaf = sign("server", leafKey.get(), ca.raw(), "critical,CA:FALSE", "DNS:chat.example.org,IP:192.0.2.7");
  }

  Certificate sign(const std::string& name, EVP_PKEY* key, X509* issuer, const char* constraints, std::string names) {
    X509* raw = X509_new();
    Certificate made{std::shared_ptr<X509>(raw, X509_free)};
    X509_set_version(raw, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(raw), issuer == nullptr ? 1 : 2);
    ASN1_TIME_set(X509_getm_notBefore(raw), static_cast<time_t>(kNow.unixMs / 1000 - 86'400));
    ASN1_TIME_set(X509_getm_notAfter(raw), static_cast<time_t>(kNow.unixMs / 1000 + 86'400));
    X509_set_pubkey(raw, key);
    X509_NAME_add_entry_by_txt(X509_get_subject_name(raw), "CN", MBSTRING_ASC,
                               reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
    X509_set_issuer_name(raw, issuer == nullptr ? X509_get_subject_name(raw) : X509_get_subject_name(issuer));
    auto add = [&](int nid, const char* value) {
      X509V3_CTX context;
      X509V3_set_ctx(&context, issuer == nullptr ? raw : issuer, raw, nullptr, nullptr, 0);
      X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value);
      X509_add_ext(raw, extension, -1);
      X509_EXTENSION_free(extension);
    };
    add(NID_basic_constraints, constraints);
    if (!names.empty()) add(NID_subject_alt_name, names.c_str());
    REQUIRE(X509_sign(raw, caKey.get(), nullptr) > 0);
    return made;
  }

  KeyOwned caKey, leafKey;
  Certificate ca{nullptr}, leaf{nullptr};
};

TEST_CASE("a voucher's word counts for the name it gave, at the time it gave it for") {
  Vouched vouched;
  TrustedCertificates trusted{.certificates = {vouched.ca}, .now = kNow};
  CHECK(accepts(trusted, vouched.leaf, {}, "chat.example.org"));
  CHECK(accepts(trusted, vouched.leaf, {}, "192.0.2.7"));
  CHECK_FALSE(accepts(trusted, vouched.leaf, {}, "other.example.org"));
  CHECK_FALSE(accepts(trusted, vouched.leaf, {}, "192.0.2.8"));
  CHECK_FALSE(accepts(trusted, vouched.leaf, {}, ""));
  trusted.now = kNow + 2 * kDayMs;
  CHECK_FALSE(accepts(trusted, vouched.leaf, {}, "chat.example.org"));
  trusted.now = kNow - 2 * kDayMs;
  CHECK_FALSE(accepts(trusted, vouched.leaf, {}, "chat.example.org"));

  Vouched stranger;
  TrustedCertificates other{.certificates = {stranger.ca}, .now = kNow};
  CHECK_FALSE(accepts(other, vouched.leaf, {}, "chat.example.org"));
  CHECK_FALSE(accepts(other, vouched.leaf, {vouched.ca}, "chat.example.org"));
  CHECK_FALSE(accepts(TrustedCertificates{.certificates = {}, .now = kNow}, vouched.leaf, {}, "chat.example.org"));
}

TEST_CASE("a server's certificate given by hand vouches for itself and for nothing else") {
  auto own = Certificate::parse(selfSigned(1).certificatePem)->front();
  auto sameNameOtherKey = Certificate::parse(selfSigned(2).certificatePem)->front();
  TrustedCertificates trusted{.certificates = {own}, .now = kNow};
  CHECK(accepts(trusted, own, {}, "anything"));
  CHECK_FALSE(accepts(trusted, sameNameOtherKey, {}, "localhost"));
  CHECK_FALSE(accepts(trusted, sameNameOtherKey, {own}, "localhost"));
}

TEST_CASE("a pinned key is accepted under a renewed certificate, another key is not") {
  qpq::test::SeededRandom random(1);
  auto first = Certificate::parse(selfSigned(1).certificatePem)->front();
  auto renewedFiles = makeSelfSigned(random, kNow + 1000 * kDayMs);
  auto renewed = Certificate::parse(renewedFiles.certificatePem)->front();
  REQUIRE(renewed.der() != first.der());
  CHECK(accepts(ExpectedKey{first.keyHash()}, renewed, {}, ""));
  auto other = Certificate::parse(selfSigned(2).certificatePem)->front();
  CHECK_FALSE(accepts(ExpectedKey{first.keyHash()}, other, {}, ""));
}

}  // namespace
}  // namespace qpq::quic
