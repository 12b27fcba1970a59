#pragma once

#include <functional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "quic/certificate.h"

namespace qpq::quic {

// `--ca-cert`: the server's own certificate, byte for byte, or certificates that vouch for it. A voucher's chain is
// held to dates (at `now`) and to the server name; the certificate itself needs neither, it was put there by hand.
struct TrustedCertificates {
  std::vector<Certificate> certificates;
  Instant now;
};

// The key a client has pinned. The certificate around it may change.
struct ExpectedKey {
  KeyHash hash;
};

// Whatever the caller says, at once. For trust on first use answer true, ask the user when connect() has returned, with
// Connection::peerKey() in hand and nothing sent, and close if the answer is no. Must not throw.
struct Judged {
  std::function<bool(const KeyHash&)> accept;
};

// How a client knows its server. There is no "any" by default.
using PeerVerifier = std::variant<TrustedCertificates, ExpectedKey, Judged>;

// `intermediates` are what the peer sent beside its own certificate.
bool accepts(const PeerVerifier& verifier, const Certificate& peer, const std::vector<Certificate>& intermediates,
             const std::string& serverName);

}  // namespace qpq::quic
