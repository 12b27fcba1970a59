#pragma once

#include <capnp/serialize-async.h>

namespace qpq::quic {

// The messages of a stream, and word of each write that has ended: Cap'n Proto says how much is queued, not when.
class WatchedMessages final: public capnp::MessageStream {
 public:
  WatchedMessages(kj::AsyncIoStream& stream, capnp::BufferedMessageStream::IsShortLivedCallback isShortLived,
                  std::size_t readBufferWords)
      : messages_(stream, kj::mv(isShortLived), readBufferWords) {}

  kj::Promise<kj::Maybe<capnp::MessageReaderAndFds>> tryReadMessage(kj::ArrayPtr<kj::AutoCloseFd> fdSpace,
                                                                    capnp::ReaderOptions options,
                                                                    kj::ArrayPtr<capnp::word> scratch) override {
    return messages_.tryReadMessage(fdSpace, options, scratch);
  }
  kj::Promise<void> writeMessage(kj::ArrayPtr<const int> fds,
                                 kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>> segments) override {
    return watched(messages_.writeMessage(fds, segments));
  }
  kj::Promise<void> writeMessages(kj::ArrayPtr<kj::ArrayPtr<const kj::ArrayPtr<const capnp::word>>> batch) override {
    return watched(messages_.writeMessages(batch));
  }
  kj::Maybe<int> getSendBufferSize() override { return messages_.getSendBufferSize(); }
  kj::Promise<void> end() override { return messages_.end(); }

  // Resolves with the write that goes on, or the next one, however it ends. For one that waits at a time.
  kj::Promise<void> whenWritten();
  bool hasFailed() const { return failed_; }  // a write has: there will be no other

 private:
  kj::Promise<void> watched(kj::Promise<void> writing);
  void tell();

  capnp::BufferedMessageStream messages_;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> waiting_;
  bool failed_ = false;
};

}  // namespace qpq::quic
