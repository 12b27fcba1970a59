#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>

#include "quic/address.h"

namespace qpq::bench {

// The other end of a bare QUIC stream, in a process of its own: it lets everyone in, reads each stream to its end and
// answers how many bytes that were (8 bytes, big-endian). No server, no store: what the transport alone can do.
//
// Begun before this process has an event loop or a thread; ends with this object.
class StreamSink {
 public:
  explicit StreamSink(std::optional<uint32_t> core);
  StreamSink(const StreamSink&) = delete;
  StreamSink& operator=(const StreamSink&) = delete;
  ~StreamSink();

  const quic::SocketAddress& address() const { return address_; }

 private:
  pid_t pid_;
  quic::SocketAddress address_;
};

}  // namespace qpq::bench
