#include "quic/close_reason.h"

#include <kj/string.h>
#include <ngtcp2/ngtcp2.h>

namespace qpq::quic {
namespace {

// RFC 8446 §6.2
constexpr uint64_t kHandshakeFailure = 40;
constexpr uint64_t kBadCertificate = 42;  // the first of five that say what is wrong with it
constexpr uint64_t kCertificateUnknown = 46;
constexpr uint64_t kUnknownCa = 48;
constexpr uint64_t kCertificateRequired = 116;
constexpr uint64_t kNoApplicationProtocol = 120;  // RFC 7301 §3.2

bool isAboutCertificate(uint64_t alert) {
  return (alert >= kBadCertificate && alert <= kCertificateUnknown) || alert == kUnknownCa ||
         alert == kCertificateRequired;
}

const char* phrase(CloseReason::Kind kind) {
  switch (kind) {
    case CloseReason::Kind::application: return "closed with application code";
    case CloseReason::Kind::refusedCertificate: return "certificate refused, alert";
    case CloseReason::Kind::noCommonGroup: return "no common key exchange group (X25519MLKEM768 is required), alert";
    case CloseReason::Kind::wrongAlpn: return "no common application protocol, alert";
    case CloseReason::Kind::wrongVersion: return "no common QUIC version";
    case CloseReason::Kind::handshakeTimeout: return "handshake timed out";
    case CloseReason::Kind::idleTimeout: return "idle timeout";
    case CloseReason::Kind::refused: return "connection refused";
    case CloseReason::Kind::reset: return "the peer no longer knows the connection";
    case CloseReason::Kind::protocol: return "QUIC error";
    case CloseReason::Kind::tls: return "TLS alert";
    case CloseReason::Kind::shutDown: return "endpoint shut down";
  }
  return "";
}

}  // namespace

std::string CloseReason::text() const {
  std::string text = phrase(kind);
  if (code != 0) text += " " + std::to_string(code);
  return text + (by == By::us ? " (by us)" : " (by the peer)");
}

kj::Exception CloseReason::exception() const {
  return {kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__, kj::str("quic: ", text().c_str())};
}

CloseReason fromTransportError(uint64_t code, CloseReason::By by) {
  using Kind = CloseReason::Kind;
  bool isAlert = code >= NGTCP2_CRYPTO_ERROR && code <= NGTCP2_CRYPTO_ERROR + 0xff;  // RFC 9001 §4.8
  if (!isAlert) return {code == NGTCP2_CONNECTION_REFUSED ? Kind::refused : Kind::protocol, by, code};
  auto alert = code - NGTCP2_CRYPTO_ERROR;
  // Our profile fixes the version and accepts every common cipher suite, so this alert means the group.
  if (alert == kHandshakeFailure) return {Kind::noCommonGroup, by, alert};
  if (alert == kNoApplicationProtocol) return {Kind::wrongAlpn, by, alert};
  return {isAboutCertificate(alert) ? Kind::refusedCertificate : Kind::tls, by, alert};
}

}  // namespace qpq::quic
