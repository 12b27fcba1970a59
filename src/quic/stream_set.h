#pragma once

#include <kj/async.h>
#include <ngtcp2/ngtcp2.h>

#include <list>
#include <map>
#include <vector>

#include "quic/limits.h"
#include "quic/stream.h"
#include "quic/stream_state.h"

namespace qpq::quic {

// The streams of one connection: who waits for one, and whose turn it is to fill a packet.
class StreamSet {
 public:
  StreamSet(Association& association, const Limits& limits)
      : association_(association),
        controlWindow_(limits.sendRetainedMax, limits.sendRetainedMax),
        bulkWindow_(limits.bulkWindowMin, limits.bulkWindowMax) {}

  // The program's side. Both reject when the connection ends.
  kj::Promise<kj::Own<Stream>> open();
  kj::Promise<kj::Own<Stream>> accept();

  // Gives those who wait for a new stream as many as the peer allows.
  void openWaiting(ngtcp2_conn* connection);
  void peerOpened(ngtcp2_conn* connection, int64_t id);
  // Both directions are done and acknowledged. What has arrived can still be read.
  void closed(int64_t id, const kj::Exception& exception);
  void failAll(const kj::Exception& exception);

  // Whose turn it is: the control stream whenever it has something, the others one packet each.
  void enqueue(StreamState& stream);
  StreamState* next();
  void hadItsTurn(StreamState& stream);
  // ngtcp2 tells when a stream's flow control opens but not when its reader has given up (STOP_SENDING): a blocked
  // writer would wait for ever. So whenever the peer has said something, each is tried again.
  void retryBlocked();
  // What is held until the peer acknowledges it.
  std::size_t retained() const { return controlWindow_.held() + bulkWindow_.held(); }

 private:
  template <class T>
  using Waiters = std::list<kj::Own<kj::PromiseFulfiller<T>>>;

  kj::Own<Stream> add(ngtcp2_conn* connection, int64_t id);

  Association& association_;
  SendWindow controlWindow_;
  SendWindow bulkWindow_;
  std::map<int64_t, kj::Own<StreamState>> streams_;
  // Lists that occupy nothing while they are empty, as on most connections they always are.
  std::vector<StreamState*> turns_;     // at most Limits::streamsMax
  std::list<kj::Own<Stream>> arrived_;  // opened by the peer, not yet accepted by the program
  Waiters<kj::Own<Stream>> accepting_;
  Waiters<kj::Own<Stream>> opening_;
};

}  // namespace qpq::quic
