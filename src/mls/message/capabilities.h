#pragma once

#include <vector>

#include "mls/message/types.h"

namespace qpq::mls {

// RFC 9420 §7.2: what a client can do, GREASE and unknown values included. Default types are not listed.
struct Capabilities {
  std::vector<ProtocolVersion> versions;
  std::vector<CipherSuiteId> cipherSuites;
  std::vector<ExtensionType> extensions;
  std::vector<ProposalType> proposals;
  std::vector<CredentialType> credentials;
  bool operator==(const Capabilities&) const = default;
  static constexpr auto fields() {
    return std::tuple{&Capabilities::versions, &Capabilities::cipherSuites, &Capabilities::extensions,
                      &Capabilities::proposals, &Capabilities::credentials};
  }

  bool supports(ProtocolVersion version) const;
  bool supports(CipherSuiteId suite) const;
  bool supports(ExtensionType type) const;  // default types always
  bool supports(ProposalType type) const;   // default types always
  bool supports(CredentialType type) const;
};

// RFC 9420 §11.1: the content of the GroupContext extension required_capabilities.
struct RequiredCapabilities {
  std::vector<ExtensionType> extensions;
  std::vector<ProposalType> proposals;
  std::vector<CredentialType> credentials;
  bool operator==(const RequiredCapabilities&) const = default;
  static constexpr auto fields() {
    return std::tuple{&RequiredCapabilities::extensions, &RequiredCapabilities::proposals,
                      &RequiredCapabilities::credentials};
  }

  bool metBy(const Capabilities& capabilities) const;
};

}  // namespace qpq::mls
