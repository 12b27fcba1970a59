#pragma once

#include <kj/exception.h>

#include <cstdint>
#include <string>

namespace qpq::quic {

// Why a connection is no more: the outcomes a program must tell apart. Everything the peer says in words is left out.
struct CloseReason {
  enum class Kind : uint8_t {
    application,         // closed with an application code
    refusedCertificate,  // the peer's key is not the one expected
    noCommonGroup,       // no X25519MLKEM768 on one side (TLS handshake_failure)
    wrongAlpn,           // the other side speaks another protocol
    wrongVersion,        // no common QUIC version
    handshakeTimeout,    // nobody, or nobody who finishes, at that address
    idleTimeout,         // silence
    refused,             // the server takes no more connections from here
    reset,               // the peer no longer knows this connection (restarted)
    protocol,            // a breach of QUIC; `code` is the transport error code of RFC 9000 §20.1
    tls,                 // any other TLS alert; `code` is the alert
    shutDown,            // our endpoint is gone
  };
  enum class By : uint8_t { us, peer };

  Kind kind = Kind::shutDown;
  By by = By::us;
  uint64_t code = 0;

  bool operator==(const CloseReason&) const = default;
  std::string text() const;
  // What a stream of a connection that ended so throws: type DISCONNECTED.
  kj::Exception exception() const;
};

// From the transport error code of a CONNECTION_CLOSE, or of the one we are about to send.
CloseReason fromTransportError(uint64_t code, CloseReason::By by);

}  // namespace qpq::quic
