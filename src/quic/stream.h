#pragma once

#include <kj/async-io.h>

namespace qpq::quic {

class StreamState;

// One bidirectional QUIC stream as a KJ stream, with back-pressure both ways: a write waits while too much lies
// unacknowledged, the peer may send only as fast as this side reads.
//
// A stream that ends early, by the peer or with its connection, throws DISCONNECTED; a writer may learn only with its
// second write that nobody reads any more. shutdownWrite() sends what has
// been written and then the end; dropping the stream without it tells the peer that the rest is missing (RESET_STREAM),
// so half a transfer never looks like a whole one.
class Stream final: public kj::AsyncIoStream {
 public:
  explicit Stream(kj::Own<StreamState> state);
  ~Stream() noexcept(false);

  // RFC 9000 §2.1. 0 is the first one a client opens: the control stream.
  uint64_t id() const;

  kj::Promise<size_t> tryRead(void* buffer, size_t minBytes, size_t maxBytes) override;
  void abortRead() override;
  kj::Promise<void> write(const void* buffer, size_t size) override;
  kj::Promise<void> write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) override;
  kj::Promise<void> whenWriteDisconnected() override;
  void shutdownWrite() override;
  // SO_SNDBUF only: Cap'n Proto sizes its flow window by it.
  void getsockopt(int level, int option, void* value, kj::uint* length) override;

 private:
  kj::Own<StreamState> state_;
};

}  // namespace qpq::quic
