#pragma once

#include <kj/async.h>

#include <memory>
#include <optional>

#include "base/bytes.h"
#include "quic/address.h"
#include "quic/certificate.h"
#include "quic/close_reason.h"
#include "quic/stream.h"

namespace qpq::quic {

class Association;

// An established QUIC connection. Dropping it closes it with code 0.
class Connection {
 public:
  explicit Connection(kj::Own<Association> association);
  ~Connection() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(Connection);

  // Where the peer is now; it may move.
  SocketAddress peerAddress() const;
  // The key the peer proved. A server does not ask its clients for one.
  const std::optional<KeyHash>& peerKey() const;
  // RFC 8446 §7.5, label "EXPORTER-qpq-1": 32 bytes both ends share and nobody else, different on each connection.
  const ByteArray<32>& exporter() const;
  // Written and not yet acknowledged, on all streams.
  std::size_t retainedBytes() const;

  // Whether the application knows who this is: of who is not, only so much is heard in a turn, and where there is too
  // little room they go first. Shared, since whoever finds out may do so when the connection is gone.
  const std::shared_ptr<bool>& known() const;

  // Clients open, servers accept. Opening waits until the peer allows another stream; the peer learns of it with the
  // first bytes written. Accepting is in order of arrival, which is not the order of ids: look at Stream::id().
  // Both throw DISCONNECTED once the connection has ended.
  kj::Promise<kj::Own<Stream>> openStream();
  kj::Promise<kj::Own<Stream>> acceptStream();

  // Ends the connection and all its streams, at once. What has been written may be lost; shutdownWrite() and the
  // peer's own end of stream say when it is not.
  void close(uint64_t code);
  kj::Promise<CloseReason> whenClosed();
  const std::optional<CloseReason>& closeReason() const;  // nothing while it lives

 private:
  kj::Own<Association> association_;
};

}  // namespace qpq::quic
