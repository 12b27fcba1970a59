#include "quic/stream_set.h"

#include <utility>

namespace qpq::quic {

kj::Own<Stream> StreamSet::add(ngtcp2_conn* connection, int64_t id) {
  auto state = kj::refcounted<StreamState>(association_, id, id == 0 ? controlWindow_ : bulkWindow_);
  ngtcp2_conn_set_stream_user_data(connection, id, state.get());
  streams_.emplace(id, kj::addRef(*state));
  return kj::heap<Stream>(kj::mv(state));
}

kj::Promise<kj::Own<Stream>> StreamSet::open() {
  auto paf = kj::newPromiseAndFulfiller<kj::Own<Stream>>();
  opening_.push_back(kj::mv(paf.fulfiller));
  return kj::mv(paf.promise);
}

void StreamSet::openWaiting(ngtcp2_conn* connection) {
  while (!opening_.empty()) {
    if (opening_.front()->isWaiting()) {
      int64_t id = 0;
      if (ngtcp2_conn_open_bidi_stream(connection, &id, nullptr) != 0) return;  // until the peer allows more
      opening_.front()->fulfill(add(connection, id));
    }
    opening_.pop_front();
  }
}

kj::Promise<kj::Own<Stream>> StreamSet::accept() {
  if (!arrived_.empty()) {
    auto stream = kj::mv(arrived_.front());
    arrived_.pop_front();
    return kj::mv(stream);
  }
  auto paf = kj::newPromiseAndFulfiller<kj::Own<Stream>>();
  accepting_.push_back(kj::mv(paf.fulfiller));
  return kj::mv(paf.promise);
}

void StreamSet::peerOpened(ngtcp2_conn* connection, int64_t id) {
  auto stream = add(connection, id);
  while (!accepting_.empty()) {
    auto waiter = kj::mv(accepting_.front());
    accepting_.pop_front();
    if (!waiter->isWaiting()) continue;
    waiter->fulfill(kj::mv(stream));
    return;
  }
  arrived_.push_back(kj::mv(stream));
}

void StreamSet::closed(int64_t id, const kj::Exception& exception) {
  auto found = streams_.find(id);
  if (found == streams_.end()) return;
  auto stream = kj::mv(found->second);
  streams_.erase(found);
  if (stream->queued) std::erase(turns_, stream.get());
  stream->queued = false;
  stream->fail(exception);
  // The peer may now open another: what it opened and took back must not pile up here.
  std::erase_if(arrived_, [id](const kj::Own<Stream>& waiting) { return waiting->id() == static_cast<uint64_t>(id); });
}

void StreamSet::failAll(const kj::Exception& exception) {
  turns_.clear();
  for (auto& [id, stream] : std::exchange(streams_, {})) stream->fail(exception);
  arrived_.clear();
  for (auto& waiter : std::exchange(accepting_, {})) waiter->reject(kj::cp(exception));
  for (auto& waiter : std::exchange(opening_, {})) waiter->reject(kj::cp(exception));
}

void StreamSet::enqueue(StreamState& stream) {
  if (stream.queued || stream.blocked || !stream.wantsToSend()) return;
  stream.queued = true;
  if (stream.id() == 0) {
    turns_.insert(turns_.begin(), &stream);
  } else {
    turns_.push_back(&stream);
  }
}

StreamState* StreamSet::next() {
  while (!turns_.empty()) {
    StreamState* stream = turns_.front();
    if (stream->wantsToSend() && !stream->blocked) return stream;
    stream->queued = false;
    turns_.erase(turns_.begin());
  }
  return nullptr;
}

void StreamSet::hadItsTurn(StreamState& stream) {
  if (stream.id() == 0 || turns_.empty() || turns_.front() != &stream) return;
  turns_.erase(turns_.begin());
  turns_.push_back(&stream);
}

void StreamSet::retryBlocked() {
  for (auto& [id, stream] : streams_) {
    if (!stream->blocked) continue;
    stream->blocked = false;
    enqueue(*stream);
  }
}

}  // namespace qpq::quic
