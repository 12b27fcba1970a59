#pragma once

#include <string>

namespace qpq::quic {

// What is fixed about TLS here: version 1.3, no tickets, no early data, and these two. A test or another protocol may
// differ in them; nothing negotiates.
struct TlsProfile {
  std::string alpn = "qpq/1";
  // Hybrid, so that traffic recorded today stays closed to a quantum computer. The only group, on both sides: with a
  // second one an attacker in the middle could choose the weaker.
  std::string groups = "X25519MLKEM768";
};

}  // namespace qpq::quic
