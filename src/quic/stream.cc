#include "quic/stream.h"

#include <kj/debug.h>
#include <sys/socket.h>

#include "quic/stream_state.h"

namespace qpq::quic {

Stream::Stream(kj::Own<StreamState> state): state_(kj::mv(state)) {}
Stream::~Stream() noexcept(false) { state_->abandon(); }

uint64_t Stream::id() const { return static_cast<uint64_t>(state_->id()); }

kj::Promise<size_t> Stream::tryRead(void* buffer, size_t minBytes, size_t maxBytes) {
  return state_->read(static_cast<kj::byte*>(buffer), minBytes, maxBytes);
}

void Stream::abortRead() { state_->stopReading(); }

kj::Promise<void> Stream::write(const void* buffer, size_t size) {
  return state_->write(kj::arrayPtr(static_cast<const kj::byte*>(buffer), size), nullptr);
}

kj::Promise<void> Stream::write(kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> pieces) {
  return state_->write(nullptr, pieces);
}

kj::Promise<void> Stream::whenWriteDisconnected() { return state_->whenWriteEnded(); }

void Stream::shutdownWrite() { state_->finishWriting(); }

void Stream::getsockopt(int level, int option, void* value, kj::uint* length) {
  if (level != SOL_SOCKET || option != SO_SNDBUF) KJ_UNIMPLEMENTED("a QUIC stream has only SO_SNDBUF", level, option);
  KJ_REQUIRE(*length >= sizeof(int));
  *static_cast<int*>(value) = static_cast<int>(state_->windowSize());
  *length = sizeof(int);
}

}  // namespace qpq::quic
