#include "quic/stream_state.h"

#include <kj/debug.h>

#include <algorithm>

#include "quic/association.h"

namespace qpq::quic {
namespace {

kj::Exception disconnected(kj::StringPtr why) {
  return {kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__, kj::str("quic: ", why)};
}

}  // namespace

// A read that waits for bytes. Cancelling it destroys this object, and with it the last pointer to the reader's buffer.
class StreamState::PendingRead {
 public:
  PendingRead(kj::PromiseFulfiller<size_t>& fulfiller, StreamState& stream, kj::byte* buffer, size_t alreadyRead,
              size_t minBytes, size_t maxBytes)
      : fulfiller_(fulfiller),
        stream_(kj::addRef(stream)),
        buffer_(buffer),
        size_(alreadyRead),
        minBytes_(minBytes),
        maxBytes_(maxBytes) {
    stream.reader_ = this;
  }
  ~PendingRead() noexcept(false) {
    if (stream_->reader_ == this) stream_->reader_ = nullptr;
  }

  std::size_t give(ByteView bytes) {
    std::size_t size = std::min(bytes.size(), maxBytes_ - size_);
    std::ranges::copy(bytes.first(size), buffer_ + size_);
    size_ += size;
    return size;
  }
  bool satisfied() const { return size_ >= minBytes_; }
  void fulfill() {
    stream_->reader_ = nullptr;
    fulfiller_.fulfill(kj::cp(size_));
  }
  void reject(const kj::Exception& exception) {
    stream_->reader_ = nullptr;
    fulfiller_.reject(kj::cp(exception));
  }

 private:
  kj::PromiseFulfiller<size_t>& fulfiller_;
  kj::Own<StreamState> stream_;
  kj::byte* buffer_;
  size_t size_;
  size_t minBytes_;
  size_t maxBytes_;
};

// A write that waits for room. KJ guarantees the pieces until the promise resolves or is dropped.
class StreamState::PendingWrite {
 public:
  PendingWrite(kj::PromiseFulfiller<void>& fulfiller, StreamState& stream, kj::ArrayPtr<const kj::byte> first,
               kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> rest)
      : fulfiller_(fulfiller), stream_(kj::addRef(stream)), first_(first), rest_(rest) {
    stream.writer_ = this;
  }
  ~PendingWrite() noexcept(false) {
    if (stream_->writer_ == this) stream_->writer_ = nullptr;
  }

  // Fulfils when all has been taken.
  void pourOut() {
    for (;;) {
      auto taken = stream_->take({first_.begin(), first_.size()});
      first_ = first_.slice(taken, first_.size());
      if (first_.size() > 0) return;
      if (rest_.size() == 0) break;
      first_ = rest_[0];
      rest_ = rest_.slice(1, rest_.size());
    }
    stream_->writer_ = nullptr;
    fulfiller_.fulfill();
  }
  void reject(const kj::Exception& exception) {
    stream_->writer_ = nullptr;
    fulfiller_.reject(kj::cp(exception));
  }

 private:
  kj::PromiseFulfiller<void>& fulfiller_;
  kj::Own<StreamState> stream_;
  kj::ArrayPtr<const kj::byte> first_;
  kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> rest_;
};

StreamState::StreamState(Association& association, int64_t id, SendWindow& window)
    : association_(kj::addRef(association)), id_(id), window_(window) {}
StreamState::~StreamState() noexcept(false) { window_.gaveBack(sending_.retained()); }

kj::Promise<size_t> StreamState::read(kj::byte* buffer, size_t minBytes, size_t maxBytes) {
  KJ_REQUIRE(reader_ == nullptr, "one read at a time");
  size_t size = received_.take({buffer, maxBytes});
  association_->consumed(id_, size);
  if (size >= minBytes || (finReceived_ && received_.size() == 0)) return size;
  KJ_IF_MAYBE (error, readError_) {
    return kj::cp(*error);
  }
  return kj::newAdaptedPromise<size_t, PendingRead>(*this, buffer, size, minBytes, maxBytes);
}

void StreamState::arrived(ByteView bytes, Last last) {
  if (readError_ != nullptr) {  // nobody will read it
    association_->discarded(bytes.size());
    return;
  }
  if (reader_ != nullptr) {
    auto given = reader_->give(bytes);
    association_->consumed(id_, given);
    bytes = bytes.subspan(given);
  }
  received_.append(bytes);
  if (last == Last::yes) finReceived_ = true;
  if (reader_ != nullptr && (reader_->satisfied() || finReceived_)) reader_->fulfill();
}

void StreamState::readingFailed(const kj::Exception& exception) {
  if (finReceived_ || readError_ != nullptr) return;
  readError_ = kj::cp(exception);
  association_->discarded(received_.clear());
  if (reader_ != nullptr) reader_->reject(exception);
}

void StreamState::stopReading() {
  if (!finReceived_ && readError_ == nullptr) association_->stopReading(id_);
  readingFailed(disconnected("reading was aborted"));
  association_->discarded(received_.clear());
}

kj::Promise<void> StreamState::write(kj::ArrayPtr<const kj::byte> first,
                                     kj::ArrayPtr<const kj::ArrayPtr<const kj::byte>> rest) {
  KJ_REQUIRE(writer_ == nullptr, "one write at a time");
  KJ_REQUIRE(!finishing_, "write after shutdownWrite");
  KJ_IF_MAYBE (error, writeError_) {
    return kj::cp(*error);
  }
  auto taken = kj::newAdaptedPromise<void, PendingWrite>(*this, first, rest);
  takeFromWriter();
  return taken;
}

void StreamState::takeFromWriter() {
  if (writer_ != nullptr) writer_->pourOut();
  association_->wantsToSend(*this);
}

// As much as there is room for.
std::size_t StreamState::take(ByteView bytes) {
  bytes = bytes.first(std::min(bytes.size(), room()));
  sending_.append(bytes);
  window_.took(bytes.size());
  return bytes.size();
}

void StreamState::acknowledged(uint64_t upTo) {
  std::size_t before = sending_.retained();
  sending_.acknowledge(upTo);
  std::size_t freed = before - sending_.retained();
  window_.gaveBack(freed);
  window_.acknowledged(freed, association_->roundTrip(), writer_ != nullptr);
  if (writer_ != nullptr && window_.isWorthWaking(sending_.retained())) takeFromWriter();
}

kj::Promise<void> StreamState::whenWriteEnded() {
  if (writeError_ != nullptr) return kj::READY_NOW;
  auto paf = kj::newPromiseAndFulfiller<void>();
  writeEnded_ = kj::mv(paf.fulfiller);
  return kj::mv(paf.promise);
}

void StreamState::finishWriting() {
  KJ_REQUIRE(writer_ == nullptr, "shutdownWrite while a write is pending");
  if (finishing_ || writeError_ != nullptr) return;
  finishing_ = true;
  association_->wantsToSend(*this);
}

void StreamState::writingFailed(const kj::Exception& exception) {
  if (writeError_ != nullptr) return;
  writeError_ = kj::cp(exception);
  if (writer_ != nullptr) writer_->reject(exception);
  KJ_IF_MAYBE (fulfiller, writeEnded_) {
    (*fulfiller)->fulfill();
  }
  writeEnded_ = nullptr;
}

void StreamState::fail(const kj::Exception& exception) {
  readingFailed(exception);
  writingFailed(exception);
}

void StreamState::abandon() {
  stopReading();
  if (finishing_ || writeError_ != nullptr) return;
  association_->resetWriting(id_);
  writingFailed(disconnected("the stream was dropped"));
}

std::size_t StreamState::gather(std::span<ngtcp2_vec> pieces, Last& last) const {
  std::size_t total = 0;
  std::size_t count = sending_.gather(pieces, total);
  last = finishing_ && total == sending_.unsent() ? Last::yes : Last::no;
  return count;
}

void StreamState::sent(std::size_t size, Last last) {
  sending_.markSent(size);
  if (last == Last::yes && sending_.unsent() == 0) finSent_ = true;
}

}  // namespace qpq::quic
