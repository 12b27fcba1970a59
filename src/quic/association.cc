#include "quic/association.h"

#include <kj/debug.h>

#include <algorithm>
#include <array>
#include <utility>

namespace qpq::quic {
namespace {

// After as many aggregates of up to 64 KiB one connection lets the others go first.
constexpr unsigned kAggregatesPerFlush = 4;

RateLimit addressChanges(const Limits& limits) { return {limits.addressChangeBurst, limits.addressChangesPerMinute}; }

SocketAddress read(const ngtcp2_addr& address) {
  return SystemAddress::read(address.addr, address.addrlen).value_or(SocketAddress{});
}

kj::Exception streamGone() {
  return {kj::Exception::Type::DISCONNECTED, __FILE__, __LINE__, kj::str("quic: the peer no longer takes this stream")};
}

}  // namespace

Association::Association(Surroundings& surroundings, const TlsContext& tls, const Origin& origin,
                         std::unique_ptr<Admission::Place> place)
    : surroundings_(surroundings),
      server_(true),
      place_(std::move(place)),
      tls_(std::make_unique<TlsSession>(tls, std::nullopt)),
      peerAddresses_(origin.remote, addressChanges(surroundings.limits)),
      streams_(*this, surroundings.limits) {
  start(origin);
}

Association::Association(Surroundings& surroundings, const TlsContext& tls, const Origin& origin,
                         TlsSession::Expectation expectation)
    : surroundings_(surroundings),
      server_(false),
      tls_(std::make_unique<TlsSession>(tls, std::move(expectation))),
      peerAddresses_(origin.remote, addressChanges(surroundings.limits)),
      streams_(*this, surroundings.limits) {
  start(origin);
}

Association::~Association() noexcept(false) {
  if (connection_ != nullptr) ngtcp2_conn_del(connection_);
}

void Association::start(const Origin& origin) {
  ngtcp2_ccerr_default(&closeError_);
  remains_.local = origin.local;
  remains_.remote = origin.remote;
  auto own = ConnectionId::random(surroundings_.random, surroundings_.place);
  auto ownRaw = own.raw();
  auto settings = transportSettings(surroundings_, origin);
  BorrowedPath path(origin.local, origin.remote);
  int failed;
  if (server_) {
    auto parameters = serverParameters(surroundings_, origin, own);
    auto peer = origin.clientSource.raw();
    failed = ngtcp2_conn_server_new(&connection_, &peer, &ownRaw, path.get(), origin.version, &serverCallbacks(),
                                    &settings, &parameters, nullptr, this);
  } else {
    auto parameters = clientParameters(surroundings_.limits);
    // RFC 9000 §7.2: the first destination id is random; the server answers with its own.
    auto peer = ConnectionId::random(surroundings_.random, {}).raw();
    failed = ngtcp2_conn_client_new(&connection_, &peer, &ownRaw, path.get(), origin.version, &clientCallbacks(),
                                    &settings, &parameters, nullptr, this);
  }
  KJ_REQUIRE(failed == 0, "ngtcp2 refused its configuration", ngtcp2_strerror(failed));
  tls_->attach(connection_);
  if (!server_) {
    ngtcp2_conn_set_keep_alive_timeout(connection_, surroundings_.limits.keepAliveMs * NGTCP2_MILLISECONDS);
  }
  addRoute(own);
  // Until it has seen our id, the client goes on using the one it made up.
  if (server_) addRoute(origin.clientDestination);
}

void Association::addRoute(const ConnectionId& id) {
  surroundings_.routes.add(id, *this);
  routes_.push_back(id);
}

// --- packets in -----------------------------------------------------------------------------------------------------

void Association::receive(const IncomingDatagram& datagram) {
  if (ending_ || ended_) return;
  if (handshaken_ && server_ && !peerAddresses_.follow(datagram.remote, surroundings_.timer.now())) return;
  BorrowedPath path(datagram.local, datagram.remote);
  ngtcp2_pkt_info info{.ecn = datagram.ecn};
  int error = ngtcp2_conn_read_pkt(connection_, path.get(), &info, datagram.payload.data(), datagram.payload.size(),
                                   surroundings_.nowNs());
  if (error != 0) failed(error);
  heard_ = true;
  surroundings_.wantsFlush(*this);
}

void Association::failed(int error) {
  ending_ = reasonOf(error);
  farewell_ = Farewell::say;
  switch (error) {
    case NGTCP2_ERR_RETRY: wantsRetry_ = true; [[fallthrough]];
    case NGTCP2_ERR_DRAINING:
    case NGTCP2_ERR_CLOSING:
    case NGTCP2_ERR_DROP_CONN:
    case NGTCP2_ERR_IDLE_CLOSE:
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT:
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION: farewell_ = Farewell::silent; break;
    case NGTCP2_ERR_CRYPTO: {
      uint8_t alert = ngtcp2_conn_get_tls_alert(connection_);
      // For whoever debugs another client: the alert alone does not say what was missing.
      ByteView hint =
          ending_->kind == CloseReason::Kind::noCommonGroup ? asBytes("X25519MLKEM768 required") : ByteView();
      ngtcp2_ccerr_set_tls_alert(&closeError_, alert, hint.data(), hint.size());
      break;
    }
    default: ngtcp2_ccerr_set_liberr(&closeError_, error, nullptr, 0);
  }
}

CloseReason Association::reasonOf(int error) const {
  using Kind = CloseReason::Kind;
  using By = CloseReason::By;
  switch (error) {
    case NGTCP2_ERR_IDLE_CLOSE: return {Kind::idleTimeout, By::us};
    case NGTCP2_ERR_HANDSHAKE_TIMEOUT: return {Kind::handshakeTimeout, By::us};
    case NGTCP2_ERR_RECV_VERSION_NEGOTIATION:
    case NGTCP2_ERR_VERSION_NEGOTIATION_FAILURE: return {Kind::wrongVersion, By::us};
    case NGTCP2_ERR_CRYPTO: {
      uint64_t alert = ngtcp2_conn_get_tls_alert(connection_);
      if (tls_->refusedPeer()) return {Kind::refusedCertificate, By::us, alert};
      return fromTransportError(NGTCP2_CRYPTO_ERROR + alert, By::us);
    }
    case NGTCP2_ERR_DRAINING: {
      if (statelessReset_) return {Kind::reset, By::peer};
      const ngtcp2_ccerr* told = ngtcp2_conn_get_ccerr(connection_);
      if (told->type == NGTCP2_CCERR_TYPE_APPLICATION) return {Kind::application, By::peer, told->error_code};
      return fromTransportError(told->error_code, By::peer);
    }
    default: return fromTransportError(ngtcp2_err_infer_quic_transport_error_code(error), By::us);
  }
}

void Association::expire() {
  if (ending_ || ended_) return;
  int error = ngtcp2_conn_handle_expiry(connection_, surroundings_.nowNs());
  if (error != 0) failed(error);
  surroundings_.wantsFlush(*this);
}

uint64_t Association::expiryNs() const { return ended_ ? UINT64_MAX : ngtcp2_conn_get_expiry(connection_); }

// --- packets out ----------------------------------------------------------------------------------------------------

Association::Flushed Association::flush(Egress& egress) {
  if (ended_) return Flushed::idle;
  bool healthy = !ending_ || (ending_->kind == CloseReason::Kind::application && ending_->by == CloseReason::By::us);
  bool more = false;
  if (healthy) {
    if (handshaken_) streams_.openWaiting(connection_);
    if (std::exchange(heard_, false)) streams_.retryBlocked();
    more = writePackets(egress);
    if (server_ && handshaken_) tls_->finish();
  }
  if (!ending_) return more ? Flushed::more : Flushed::idle;
  if (farewell_ == Farewell::say) writeClose(egress);
  end(*ending_);
  return Flushed::idle;
}

// True if it stopped because of its share or the egress, not because there was nothing left.
bool Association::writePackets(Egress& egress) {
  for (unsigned i = 0; i < kAggregatesPerFlush; ++i) {
    ByteSpan room = egress.room();
    if (room.empty()) return true;
    ngtcp2_path_storage path;
    ngtcp2_path_storage_zero(&path);
    ngtcp2_pkt_info info{};
    std::size_t segmentSize = 0;
    auto write = [](ngtcp2_conn*, ngtcp2_path* to, ngtcp2_pkt_info* packetInfo, uint8_t* out, std::size_t size,
                    ngtcp2_tstamp now, void* self) {
      return static_cast<Association*>(self)->writePacket(to, packetInfo, out, size, now);
    };
    auto size = ngtcp2_conn_write_aggregate_pkt(connection_, &path.path, &info, room.data(), room.size(), &segmentSize,
                                                write, surroundings_.nowNs());
    if (size < 0) {
      failed(static_cast<int>(size));
      return false;
    }
    if (size == 0) return false;
    egress.commit({.local = read(path.path.local),
                   .remote = read(path.path.remote),
                   .ecn = static_cast<uint8_t>(info.ecn),
                   .payload = room.first(static_cast<std::size_t>(size)),
                   .segmentSize = segmentSize});
  }
  return true;
}

// One packet, filled from as many streams as fit.
ngtcp2_ssize Association::writePacket(ngtcp2_path* path, ngtcp2_pkt_info* info, uint8_t* out, std::size_t size,
                                      ngtcp2_tstamp now) {
  for (;;) {
    StreamState* stream = streams_.next();
    std::array<ngtcp2_vec, 16> pieces;
    std::size_t count = 0;
    auto last = StreamState::Last::no;
    uint32_t flags = NGTCP2_WRITE_STREAM_FLAG_NONE;
    if (stream != nullptr) {
      count = stream->gather(pieces, last);
      flags = NGTCP2_WRITE_STREAM_FLAG_MORE;
      if (last == StreamState::Last::yes) flags |= NGTCP2_WRITE_STREAM_FLAG_FIN;
    }
    ngtcp2_ssize accepted = -1;
    auto written = ngtcp2_conn_writev_stream(connection_, path, info, out, size, &accepted, flags,
                                             stream != nullptr ? stream->id() : -1, pieces.data(), count, now);
    if (accepted >= 0 && stream != nullptr) stream->sent(static_cast<std::size_t>(accepted), last);
    switch (written) {
      case NGTCP2_ERR_WRITE_MORE: continue;
      case NGTCP2_ERR_STREAM_DATA_BLOCKED: stream->blocked = true; continue;
      case NGTCP2_ERR_STREAM_SHUT_WR:
      case NGTCP2_ERR_STREAM_NOT_FOUND: stream->writingFailed(streamGone()); continue;
      default: break;
    }
    if (written > 0 && stream != nullptr) streams_.hadItsTurn(*stream);
    return written;
  }
}

void Association::wantsToSend(StreamState& stream) {
  if (ended_) return;
  streams_.enqueue(stream);
  surroundings_.wantsFlush(*this);
}

void Association::writeClose(Egress& egress) {
  ngtcp2_path_storage path;
  ngtcp2_path_storage_zero(&path);
  ngtcp2_pkt_info info{};
  std::array<uint8_t, kUdpPayloadMax> packet;
  auto size = ngtcp2_conn_write_connection_close(connection_, &path.path, &info, packet.data(), packet.size(),
                                                 &closeError_, surroundings_.nowNs());
  if (size <= 0) return;  // nothing may be said yet: no keys, or the amplification limit
  remains_.closePacket.assign(packet.data(), packet.data() + size);
  remains_.local = read(path.path.local);
  remains_.remote = read(path.path.remote);
  egress.copy(remains_.local, remains_.remote, remains_.closePacket);
}

// --- the end --------------------------------------------------------------------------------------------------------

void Association::close(uint64_t code) {
  if (ending_ || ended_) return;
  ending_ = {CloseReason::Kind::application, CloseReason::By::us, code};
  ngtcp2_ccerr_set_application_error(&closeError_, code, nullptr, 0);
  surroundings_.wantsFlush(*this);
}

void Association::shutDown() {
  if (!ended_) end(ending_.value_or(CloseReason{CloseReason::Kind::shutDown, CloseReason::By::us}));
}

void Association::end(const CloseReason& reason) {
  ended_ = reason;
  if (remains_.closePacket.empty()) remains_.remote = read(ngtcp2_conn_get_path(connection_)->remote);
  bool silentDeath = farewell_ == Farewell::silent && reason.by == CloseReason::By::us;
  // RFC 9000 §10.2: late packets of a closed connection are not to look like those of an unknown one.
  remains_.keepNs = silentDeath ? 0 : 3 * ngtcp2_conn_get_pto(connection_);
  remains_.ids = std::exchange(routes_, {});
  for (const auto& token : resetRoutes_) surroundings_.routes.removeReset(token, *this);
  resetRoutes_.clear();
  for (const auto& id : remains_.ids) surroundings_.routes.remove(id, *this);

  releaseWaiters(reason);
  place_.reset();
  peerKey_ = tls_->peerKey();
  tls_.reset();
  ngtcp2_conn_del(std::exchange(connection_, nullptr));
}

void Association::releaseWaiters(const CloseReason& reason) {
  streams_.failAll(reason.exception());
  for (auto& waiter : std::exchange(handshakeWaiters_, {})) waiter->fulfill(std::unexpected(reason));
  for (auto& waiter : std::exchange(endWaiters_, {})) waiter->fulfill(kj::cp(reason));
}

Association::Remains Association::takeRemains() {
  auto remains = remains_;
  remains_.ids.clear();
  remains_.closePacket.clear();
  return remains;
}

// --- the program's side ---------------------------------------------------------------------------------------------

kj::Promise<Association::Handshaken> Association::whenHandshaken() {
  if (ended_) return Handshaken(std::unexpected(*ended_));
  if (handshaken_) return Handshaken();
  auto paf = kj::newPromiseAndFulfiller<Handshaken>();
  handshakeWaiters_.push_back(kj::mv(paf.fulfiller));
  return kj::mv(paf.promise);
}

kj::Promise<CloseReason> Association::whenEnded() {
  if (ended_) return kj::cp(*ended_);
  auto paf = kj::newPromiseAndFulfiller<CloseReason>();
  endWaiters_.push_back(kj::mv(paf.fulfiller));
  return kj::mv(paf.promise);
}

kj::Promise<kj::Own<Stream>> Association::openStream() {
  if (ended_) return ended_->exception();
  auto opened = streams_.open();
  if (handshaken_) streams_.openWaiting(connection_);
  return opened;
}

kj::Promise<kj::Own<Stream>> Association::acceptStream() {
  if (ended_) return ended_->exception();
  return streams_.accept();
}

SocketAddress Association::remote() const {
  return connection_ == nullptr ? remains_.remote : read(ngtcp2_conn_get_path(connection_)->remote);
}

// --- the streams' side ----------------------------------------------------------------------------------------------

RoundTrip Association::roundTrip() const {
  ngtcp2_conn_info info;
  ngtcp2_conn_get_conn_info(connection_, &info);
  return {.newestNs = info.latest_rtt, .shortestNs = info.min_rtt};
}

void Association::consumed(int64_t id, std::size_t size) {
  if (ended_ || size == 0) return;
  // The stream may be gone from ngtcp2 with its last bytes unread; the connection's window counts them still.
  ngtcp2_conn_extend_max_stream_offset(connection_, id, size);
  discarded(size);
}

void Association::discarded(std::size_t size) {
  if (ended_ || size == 0) return;
  ngtcp2_conn_extend_max_offset(connection_, size);
  surroundings_.wantsFlush(*this);
}

void Association::stopReading(int64_t id) {
  if (ended_) return;
  ngtcp2_conn_shutdown_stream_read(connection_, 0, id, 0);
  surroundings_.wantsFlush(*this);
}

void Association::resetWriting(int64_t id) {
  if (ended_) return;
  ngtcp2_conn_shutdown_stream_write(connection_, 0, id, 0);
  surroundings_.wantsFlush(*this);
}

}  // namespace qpq::quic
