#pragma once

#include <kj/refcount.h>
#include <ngtcp2/ngtcp2.h>

#include <expected>
#include <memory>
#include <optional>
#include <set>
#include <vector>

#include "quic/admission.h"
#include "quic/close_reason.h"
#include "quic/egress.h"
#include "quic/known_addresses.h"
#include "quic/stream_set.h"
#include "quic/surroundings.h"
#include "quic/tls.h"
#include "quic/transport_settings.h"

namespace qpq::quic {

// A connection of RFC 9000 as its endpoint drives it: datagrams and time go in, datagrams come out. The program holds
// its other face, Connection.
//
// ngtcp2 calls back (association_events.cc) only from inside receive(), expire() and flush(). Nothing in a callback
// ends or destroys anything: it is noted, and flush() acts on it.
class Association final: public Recipient, public kj::Refcounted {
 public:
  Association(Surroundings& surroundings, const TlsContext& tls, const Origin& origin,
              std::unique_ptr<Admission::Place> place);  // server
  Association(Surroundings& surroundings, const TlsContext& tls, const Origin& origin,
              TlsSession::Expectation expectation);  // client
  ~Association() noexcept(false);

  // Driven by the endpoint.
  void receive(const IncomingDatagram& datagram) override;
  bool isStranger() const override { return server_ && !*known_; }
  void expire();
  uint64_t expiryNs() const;
  // Something waits for its turn, for the window or for the pacer: the moment of the next packet matters.
  bool hasToSend() { return !handshaken_ || streams_.next() != nullptr; }
  enum class Flushed : uint8_t { idle, more };
  Flushed flush(Egress& egress);
  // What remains to be remembered of an ended connection.
  struct Remains {
    std::vector<ConnectionId> ids;
    Bytes closePacket;  // to repeat to a peer that has not heard; empty if it was the peer that closed
    SocketAddress local, remote;
    uint64_t keepNs = 0;  // zero: forget at once
  };
  Remains takeRemains();
  void shutDown();  // the endpoint goes away

  // Asked by the program through Connection.
  using Handshaken = std::expected<void, CloseReason>;
  kj::Promise<Handshaken> whenHandshaken();
  kj::Promise<CloseReason> whenEnded();
  kj::Promise<kj::Own<Stream>> openStream();
  kj::Promise<kj::Own<Stream>> acceptStream();
  void close(uint64_t code);
  bool ended() const { return ended_.has_value(); }
  const std::optional<CloseReason>& endReason() const { return ended_; }
  const std::shared_ptr<bool>& known() const { return known_; }
  SocketAddress remote() const;
  std::size_t retainedBytes() const { return streams_.retained(); }
  const std::optional<KeyHash>& peerKey() const { return peerKey_; }  // also of a peer that was refused
  const ByteArray<32>& exporter() const { return exporter_; }
  // The first Initial came as a fragment of a ClientHello whose beginning is missing: to keep it the address must be
  // proved first.
  bool wantsRetry() const { return wantsRetry_; }

  // Asked by its streams.
  void wantsToSend(StreamState& stream);
  RoundTrip roundTrip() const;
  void consumed(int64_t id, std::size_t size);  // read by the program: the peer may send as much again
  void discarded(std::size_t size);             // thrown away: the rest of the connection is not to suffer
  void stopReading(int64_t id);
  void resetWriting(int64_t id);

  // The endpoint's notes about it.
  struct Marks {
    uint64_t serial = 0;
    uint64_t timerNs = UINT64_MAX;  // when it is to be looked at
    bool dirty = false;             // waits to be flushed
  };
  Marks marks;

 private:
  friend struct AssociationEvents;

  void start(const Origin& origin);
  void addRoute(const ConnectionId& id);

  bool writePackets(Egress& egress);
  ngtcp2_ssize writePacket(ngtcp2_path* path, ngtcp2_pkt_info* info, uint8_t* out, std::size_t size, ngtcp2_tstamp now);

  void failed(int error);
  void writeClose(Egress& egress);
  CloseReason reasonOf(int error) const;
  void end(const CloseReason& reason);
  void releaseWaiters(const CloseReason& reason);

  Surroundings& surroundings_;
  const bool server_;
  const std::shared_ptr<bool> known_ = std::make_shared<bool>(false);
  std::unique_ptr<Admission::Place> place_;
  std::unique_ptr<TlsSession> tls_;
  ngtcp2_conn* connection_ = nullptr;
  std::vector<ConnectionId> routes_;
  std::set<RoutingTable::ResetToken> resetRoutes_;
  KnownAddresses peerAddresses_;

  StreamSet streams_;
  bool heard_ = false;  // from the peer, since the last flush

  // Handshake.
  bool handshaken_ = false;
  std::vector<kj::Own<kj::PromiseFulfiller<Handshaken>>> handshakeWaiters_;
  std::optional<KeyHash> peerKey_;
  ByteArray<32> exporter_{};

  // End. First noted (by the program, a callback or an error), then done in flush().
  std::optional<CloseReason> ending_;
  ngtcp2_ccerr closeError_;
  enum class Farewell : uint8_t { say, silent } farewell_ = Farewell::say;
  bool statelessReset_ = false;
  bool wantsRetry_ = false;
  std::optional<CloseReason> ended_;
  std::vector<kj::Own<kj::PromiseFulfiller<CloseReason>>> endWaiters_;
  Remains remains_;
};

// ngtcp2's callbacks.
const ngtcp2_callbacks& serverCallbacks();
const ngtcp2_callbacks& clientCallbacks();

}  // namespace qpq::quic
