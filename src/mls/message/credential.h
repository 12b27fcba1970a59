#pragma once

#include "mls/limits.h"
#include "mls/message/list.h"
#include "mls/message/tagged.h"
#include "mls/message/types.h"

namespace qpq::mls {

// RFC 9420 §5.3: a bare identity; what its bytes mean is the application's.
struct BasicCredential {
  Bytes identity;
  bool operator==(const BasicCredential&) const = default;
  static constexpr auto fields() { return std::tuple{&BasicCredential::identity}; }
};

// RFC 9420 §5.3: a chain of DER certificates, the end entity first; carried as bytes.
struct X509Credential {
  List<Bytes, kCertificatesMax> certificates;
  bool operator==(const X509Credential&) const = default;
  static constexpr auto fields() { return std::tuple{&X509Credential::certificates}; }
};

// A type without a case here cannot be read: nothing says where its body ends.
using Credential = Tagged<Case<CredentialType::basic, BasicCredential>, Case<CredentialType::x509, X509Credential>>;

// RFC 9420 §12.1.8.1: one of those who may propose from outside; the extension external_senders is a list of them.
struct ExternalSender {
  SignaturePublicKey signatureKey;
  Credential credential;
  bool operator==(const ExternalSender&) const = default;
  static constexpr auto fields() { return std::tuple{&ExternalSender::signatureKey, &ExternalSender::credential}; }
};
using ExternalSenders = List<ExternalSender, kExternalSendersMax>;

}  // namespace qpq::mls
