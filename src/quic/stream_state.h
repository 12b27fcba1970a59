#pragma once

#include <kj/async-io.h>
#include <kj/refcount.h>

#include "quic/receive_buffer.h"
#include "quic/send_buffer.h"
#include "quic/send_window.h"

namespace qpq::quic {

class Association;

// A stream as its connection keeps it. Lives on after the program has dropped its Stream, until the peer has all of it.
//
// Above: what the program asks, through Stream. Below: what packets bring, through Association; those calls come from
// inside ngtcp2 and only move bytes and fulfil promises.
class StreamState final: public kj::Refcounted {
 public:
  StreamState(Association& association, int64_t id, SendWindow& window);  // of the association
  ~StreamState() noexcept(false);

  int64_t id() const { return id_; }

  kj::Promise<size_t> read(kj::byte* buffer, size_t minBytes, size_t maxBytes);
  kj::Promise<void> write(kj::ArrayPtr<const kj::byte> first, kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> rest);
  kj::Promise<void> whenWriteEnded();
  void finishWriting();
  void stopReading();
  void abandon();  // the program dropped the stream
  std::size_t windowSize() const { return window_.size(); }

  enum class Last : uint8_t { no, yes };
  void arrived(ByteView bytes, Last last);
  void acknowledged(uint64_t upTo);
  void readingFailed(const kj::Exception& exception);
  void writingFailed(const kj::Exception& exception);
  void fail(const kj::Exception& exception);

  bool wantsToSend() const { return writeError_ == nullptr && (unsent() > 0 || (finishing_ && !finSent_)); }
  std::size_t unsent() const { return sending_.unsent(); }
  // The pieces to put into a packet, and whether the stream ends with them.
  std::size_t gather(std::span<ngtcp2_vec> pieces, Last& last) const;
  void sent(std::size_t size, Last last);

  // Where the connection's scheduler has it.
  bool queued = false;
  bool blocked = false;  // by the peer's flow control

 private:
  class PendingRead;
  class PendingWrite;
  void takeFromWriter();
  std::size_t take(ByteView bytes);
  std::size_t room() const { return window_.room(sending_.retained()); }

  kj::Own<Association> association_;
  int64_t id_;

  SendWindow& window_;
  SendBuffer sending_;
  PendingWrite* writer_ = nullptr;
  bool finishing_ = false;
  bool finSent_ = false;
  kj::Maybe<kj::Exception> writeError_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> writeEnded_;

  ReceiveBuffer received_;
  PendingRead* reader_ = nullptr;
  bool finReceived_ = false;
  kj::Maybe<kj::Exception> readError_;
};

}  // namespace qpq::quic
