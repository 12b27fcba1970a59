#include "mls/message/capabilities.h"

#include <algorithm>

namespace qpq::mls {

bool Capabilities::supports(ProtocolVersion version) const { return std::ranges::contains(versions, version); }
bool Capabilities::supports(CipherSuiteId suite) const { return std::ranges::contains(cipherSuites, suite); }
bool Capabilities::supports(ExtensionType type) const {
  return isDefault(type) || std::ranges::contains(extensions, type);
}
bool Capabilities::supports(ProposalType type) const {
  return isDefault(type) || std::ranges::contains(proposals, type);
}
bool Capabilities::supports(CredentialType type) const { return std::ranges::contains(credentials, type); }

bool RequiredCapabilities::metBy(const Capabilities& capabilities) const {
  auto supported = [&](auto type) { return capabilities.supports(type); };
  return std::ranges::all_of(extensions, supported) && std::ranges::all_of(proposals, supported) &&
         std::ranges::all_of(credentials, supported);
}

}  // namespace qpq::mls
