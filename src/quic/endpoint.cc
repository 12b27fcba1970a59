#include "quic/endpoint.h"

#include <kj/debug.h>
#include <kj/vector.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "quic/alarm.h"
#include "quic/anteroom.h"
#include "quic/association.h"
#include "quic/stateless_replies.h"
#include "quic/tombstone.h"

namespace qpq::quic {
namespace {

// RFC 9002 §6.1.2: a loss timer is good for a millisecond, and no better. A timer is set after nearly every packet, and
// one that lies in the next few microseconds is a system call that the answer to the packet makes useless.
constexpr uint64_t kTimerGranularityNs = 1'000'000;

// As many batches are read before the rest of the loop gets its turn.
constexpr unsigned kBatchesPerTurn = 8;

// As many timers ring, likewise. Thousands are due at once where thousands of clients are not answered.
constexpr unsigned kTimersPerTurn = 32;

}  // namespace

// Datagrams in: receive() -> dispatch() -> Association, which marks itself. Datagrams out: one flush() at the end of
// the loop's turn, so that everything a turn has caused leaves together. Then a few of those in the anteroom.
class Endpoint::Loop final: private kj::TaskSet::ErrorHandler {
 public:
  Loop(kj::Timer& timer, Random& random, kj::Own<UdpSocket> socket, Options options);
  ~Loop() noexcept(false);

  void listen(const TlsIdentity& identity, Accepted accepted);
  kj::Promise<Connected> connect(ConnectOptions options);
  kj::Promise<void> close(uint64_t code);
  void takeOver(const IncomingDatagram& datagram);
  void replaceSocket(kj::Own<UdpSocket> socket);
  SocketAddress localAddress() const { return socket_->localAddress(); }
  Counters counters() const;

 private:
  struct Server {
    TlsContext tls;
    Accepted accepted;
  };

  kj::Promise<void> startReceiving();
  kj::Promise<void> receiveForever();
  void dispatch(IncomingDatagram datagram);
  bool handedOver(const IncomingDatagram& datagram, const ConnectionId& destination);
  void judge(const IncomingDatagram& datagram, const ConnectionId& destination);
  void greet(std::unique_ptr<Greeting> greeting);
  void visitAnteroom();
  kj::Own<Association> adopt(kj::Own<Association> association);
  kj::Promise<void> introduce(std::shared_ptr<Server> server, kj::Own<Association> association, kj::TimePoint begun);

  void wantsFlush(Association& association);
  void scheduleFlush();
  void flush();
  void push();
  kj::Promise<void> sendRest();
  bool quiet() const { return living_.empty() && !egress_.blocked(); }
  void bury(Association& association);
  void setTimer(Association& association);
  void ring();
  void taskFailed(kj::Exception&& exception) override { KJ_LOG(ERROR, "quic endpoint", exception); }

  kj::Own<UdpSocket> socket_;
  const SocketAddress label_;  // the local address our connections know, whatever socket carries them
  const TlsProfile profile_;
  Surroundings surroundings_;
  kj::Maybe<HandOver> handOver_;
  Egress egress_;
  kj::Maybe<kj::Function<Admission::Room()>> makeRoom_;
  StatelessReplies replies_;
  Admission admission_;
  Anteroom anteroom_;
  bool visitIsDue_ = false;         // at the loop's next turn
  std::shared_ptr<Server> server_;  // null: nobody is let in
  kj::Maybe<kj::Function<void(kj::Duration)>> handshaken_;
  TlsContext clientTls_;

  uint64_t nextSerial_ = 0;
  std::map<uint64_t, kj::Own<Association>> living_;
  std::vector<kj::Own<Association>> dirty_;
  std::set<std::pair<uint64_t, uint64_t>> timers_;                  // (moment, serial); one each at most
  std::multimap<uint64_t, std::unique_ptr<Tombstone>> tombstones_;  // by the moment they are forgotten
  bool flushScheduled_ = false;
  Counters counters_;
  kj::Vector<kj::Own<kj::PromiseFulfiller<void>>> quietWaiters_;

  Alarm alarm_;
  kj::TaskSet tasks_;
  kj::Promise<void> sending_ = kj::READY_NOW;
  kj::Promise<void> receiving_;
};

Endpoint::Loop::Loop(kj::Timer& timer, Random& random, kj::Own<UdpSocket> socket, Options options)
    : socket_(kj::mv(socket)),
      label_(socket_->localAddress()),
      profile_(std::move(options.profile)),
      surroundings_{.timer = timer,
                    .random = random,
                    .secrets = options.secrets ? std::move(*options.secrets) : EndpointSecrets::random(random),
                    .place = options.place,
                    .limits = options.limits,
                    .wantsFlush = [this](Association& association) { wantsFlush(association); }},
      handOver_(kj::mv(options.handOver)),
      makeRoom_(kj::mv(options.makeRoom)),
      replies_(surroundings_, egress_),
      admission_(surroundings_.limits, random),
      anteroom_(surroundings_.routes, [this](std::unique_ptr<Greeting> greeting) { greet(std::move(greeting)); }),
      handshaken_(kj::mv(options.handshaken)),
      clientTls_(TlsContext::forClient(profile_)),
      alarm_(timer, [this]() { ring(); }),
      tasks_(*this),
      receiving_(startReceiving()) {}

Endpoint::Loop::~Loop() noexcept(false) {
  for (auto& [serial, association] : living_) association->shutDown();
}

// --- datagrams in ---------------------------------------------------------------------------------------------------

kj::Promise<void> Endpoint::Loop::startReceiving() {
  return receiveForever().eagerlyEvaluate([this](kj::Exception&& exception) { taskFailed(kj::mv(exception)); });
}

kj::Promise<void> Endpoint::Loop::receiveForever() {
  for (;;) {
    co_await socket_->whenReadable();
    for (unsigned batches = 1;; ++batches) {
      auto received = socket_->receive([this](const IncomingDatagram& datagram) { dispatch(datagram); });
      scheduleFlush();
      if (received == UdpSocket::Received::drained) break;
      if (batches % kBatchesPerTurn == 0) co_await surroundings_.timer.afterDelay(0 * kj::SECONDS);
    }
  }
}

void Endpoint::Loop::dispatch(IncomingDatagram datagram) {
  ++counters_.datagramsIn;
  if (datagram.local == socket_->localAddress()) datagram.local = label_;
  if (datagram.payload.empty()) return;
  ngtcp2_version_cid header;
  int failed =
      ngtcp2_pkt_decode_version_cid(&header, datagram.payload.data(), datagram.payload.size(), kConnectionIdSize);
  if (failed == NGTCP2_ERR_VERSION_NEGOTIATION) {
    if (server_ != nullptr) replies_.versionNegotiation(datagram, header);
    return;
  }
  if (failed != 0 || header.dcidlen > NGTCP2_MAX_CIDLEN) return;
  ConnectionId destination(header.dcid, header.dcidlen);
  Recipient* recipient = surroundings_.routes.find(destination);
  if (recipient == nullptr) recipient = surroundings_.routes.findByReset(datagram.payload);
  if (recipient != nullptr) {
    if (recipient->isStranger()) return anteroom_.add(destination, datagram);
    return recipient->receive(datagram);
  }
  if (handedOver(datagram, destination)) return;
  ++counters_.datagramsForNobody;
  if (server_ != nullptr) judge(datagram, destination);
}

// True if another loop is responsible. The id of a client's first Initial is its own choice; whichever loop it names
// greets it, so that all datagrams of one greeting meet at the same loop.
bool Endpoint::Loop::handedOver(const IncomingDatagram& datagram, const ConnectionId& destination) {
  const LoopPlace& place = surroundings_.place;
  if (destination.view().empty()) return false;
  auto owner = static_cast<uint8_t>(destination.view()[0] % place.count);
  if (owner == place.index) return false;
  KJ_IF_MAYBE (handOver, handOver_) {
    ++counters_.handedOver;
    (*handOver)(owner, datagram);
    return true;
  }
  return false;
}

void Endpoint::Loop::takeOver(const IncomingDatagram& datagram) {
  dispatch(datagram);
  scheduleFlush();
}

// A datagram of nobody we know: a new client's, an old one's, or noise.
void Endpoint::Loop::judge(const IncomingDatagram& datagram, const ConnectionId& destination) {
  bool longHeader = (datagram.payload[0] & 0x80) != 0;
  if (!longHeader) return replies_.reset(datagram, destination);
  ngtcp2_pkt_hd header;
  if (ngtcp2_accept(&header, datagram.payload.data(), datagram.payload.size()) != 0) return;
  std::optional<ConnectionId> beforeRetry;
  if (header.tokenlen > 0) {
    beforeRetry = replies_.beforeRetry(datagram, header);
    // RFC 9000 §8.1.3: a token we did not make, or made long ago, or for another address.
    if (!beforeRetry) return replies_.close(datagram, header, NGTCP2_INVALID_TOKEN);
  }
  auto proven = beforeRetry ? Admission::Proven::yes : Admission::Proven::no;
  switch (admission_.judge(datagram.remote, proven, surroundings_.timer.now())) {
    case Admission::Verdict::accept: {
      Admission::Room room;
      KJ_IF_MAYBE (makeRoom, makeRoom_) {
        room = (*makeRoom)();
        if (room == nullptr) return replies_.close(datagram, header, NGTCP2_CONNECTION_REFUSED);
      }
      auto place = std::make_unique<Admission::Place>(admission_, datagram.remote, std::move(room));
      return anteroom_.add(std::make_unique<Greeting>(surroundings_.routes, destination, datagram, beforeRetry,
                                                      std::move(place), surroundings_.timer.now()));
    }
    case Admission::Verdict::retry: return replies_.retry(datagram, header);
    case Admission::Verdict::refuse: return replies_.close(datagram, header, NGTCP2_CONNECTION_REFUSED);
    case Admission::Verdict::ignore: return;
  }
}

void Endpoint::Loop::greet(std::unique_ptr<Greeting> greeting) {
  auto first = greeting->datagrams().front().view();
  ngtcp2_pkt_hd header;
  KJ_ASSERT(ngtcp2_accept(&header, first.payload.data(), first.payload.size()) == 0, "it was read before");
  Origin origin{.local = first.local,
                .remote = first.remote,
                .clientSource = ConnectionId(header.scid),
                .clientDestination = ConnectionId(header.dcid),
                .beforeRetry = greeting->beforeRetry(),
                .token = {header.token, header.tokenlen},
                .version = header.version};
  auto association = kj::refcounted<Association>(surroundings_, server_->tls, origin, greeting->takePlace());
  for (const auto& datagram : greeting->datagrams()) association->receive(datagram.view());
  if (association->wantsRetry()) replies_.retry(first, header);
  tasks_.add(introduce(server_, adopt(kj::mv(association)), greeting->begun()));
}

// Once in a turn of the loop, which ends where nothing is left to do: only then does KJ look at time and sockets.
void Endpoint::Loop::visitAnteroom() {
  if (visitIsDue_ || anteroom_.empty()) return;
  anteroom_.takeSome();
  if (anteroom_.empty()) return;
  visitIsDue_ = true;
  tasks_.add(surroundings_.timer.afterDelay(0 * kj::SECONDS).then([this]() {
    visitIsDue_ = false;
    scheduleFlush();
  }));
}

kj::Promise<void> Endpoint::Loop::introduce(std::shared_ptr<Server> server, kj::Own<Association> association,
                                            kj::TimePoint begun) {
  auto handshaken = co_await association->whenHandshaken();
  if (!handshaken) co_return;
  KJ_IF_MAYBE (told, handshaken_) {
    (*told)(surroundings_.timer.now() - begun);
  }
  auto connection = kj::heap<Connection>(kj::mv(association));
  if (server_ != nullptr) server->accepted(kj::mv(connection));
}

// --- datagrams out --------------------------------------------------------------------------------------------------

void Endpoint::Loop::wantsFlush(Association& association) {
  if (association.marks.dirty) return;
  association.marks.dirty = true;
  dirty_.push_back(kj::addRef(association));
  scheduleFlush();
}

void Endpoint::Loop::scheduleFlush() {
  if (flushScheduled_) return;
  flushScheduled_ = true;
  tasks_.add(kj::evalLast([this]() { flush(); }));
}

void Endpoint::Loop::flush() {
  flushScheduled_ = false;
  auto turn = std::exchange(dirty_, {});
  for (auto& association : turn) {
    if (egress_.room().empty()) push();
    if (egress_.blocked()) {
      dirty_.push_back(kj::mv(association));
      continue;
    }
    association->marks.dirty = false;
    auto flushed = association->flush(egress_);
    if (association->ended()) {
      bury(*association);
    } else {
      setTimer(*association);
      if (flushed == Association::Flushed::more) wantsFlush(*association);
    }
  }
  push();
  visitAnteroom();
  if (!quiet()) return;
  for (auto& waiter : quietWaiters_) waiter->fulfill();
  quietWaiters_.clear();
}

void Endpoint::Loop::push() {
  if (egress_.blocked() || egress_.push(*socket_)) return;
  sending_ = sendRest().eagerlyEvaluate([this](kj::Exception&& exception) { taskFailed(kj::mv(exception)); });
}

// The socket is full. Nobody flushes until it has taken what is there.
kj::Promise<void> Endpoint::Loop::sendRest() {
  do {
    co_await socket_->whenWritable();
  } while (!egress_.push(*socket_));
  scheduleFlush();
}

// --- timers ---------------------------------------------------------------------------------------------------------

// Only ever moved earlier; whoever is woken too early says what it wants then. Most timers move later all the time.
void Endpoint::Loop::setTimer(Association& association) {
  uint64_t expiry = association.expiryNs();
  if (!association.hasToSend()) expiry = std::max(expiry, surroundings_.nowNs() + kTimerGranularityNs);
  uint64_t& set = association.marks.timerNs;
  if (expiry >= set) return;
  timers_.erase({set, association.marks.serial});
  set = expiry;
  timers_.insert({set, association.marks.serial});
  alarm_.ringBy(Surroundings::fromNs(set));
}

void Endpoint::Loop::ring() {
  uint64_t now = surroundings_.nowNs();
  while (!tombstones_.empty() && tombstones_.begin()->first <= now) tombstones_.erase(tombstones_.begin());
  for (unsigned rung = 0; rung < kTimersPerTurn && !timers_.empty() && timers_.begin()->first <= now; ++rung) {
    auto& association = *living_.at(timers_.begin()->second);
    timers_.erase(timers_.begin());
    association.marks.timerNs = UINT64_MAX;
    if (association.expiryNs() <= now)
      association.expire();
    else
      setTimer(association);
  }
  if (!timers_.empty()) alarm_.ringBy(Surroundings::fromNs(timers_.begin()->first));
  if (!tombstones_.empty()) alarm_.ringBy(Surroundings::fromNs(tombstones_.begin()->first));
}

void Endpoint::Loop::bury(Association& association) {
  timers_.erase({association.marks.timerNs, association.marks.serial});
  auto remains = association.takeRemains();
  living_.erase(association.marks.serial);
  if (remains.keepNs == 0 || remains.ids.empty()) return;
  uint64_t until = surroundings_.nowNs() + remains.keepNs;
  tombstones_.emplace(until, std::make_unique<Tombstone>(surroundings_, egress_, std::move(remains)));
  if (tombstones_.size() > surroundings_.limits.tombstonesMax) tombstones_.erase(tombstones_.begin());
  alarm_.ringBy(Surroundings::fromNs(until));
}

// --- the program's side ---------------------------------------------------------------------------------------------

kj::Own<Association> Endpoint::Loop::adopt(kj::Own<Association> association) {
  association->marks.serial = nextSerial_++;
  living_.emplace(association->marks.serial, kj::addRef(*association));
  wantsFlush(*association);
  return association;
}

void Endpoint::Loop::listen(const TlsIdentity& identity, Accepted accepted) {
  server_ = std::make_shared<Server>(TlsContext::forServer(identity, profile_), kj::mv(accepted));
}

kj::Promise<Endpoint::Connected> Endpoint::Loop::connect(ConnectOptions options) {
  Origin origin{.local = label_, .remote = options.remote};
  auto association = adopt(
      kj::refcounted<Association>(surroundings_, clientTls_, origin,
                                  TlsSession::Expectation{std::move(options.verifier), std::move(options.serverName)}));
  auto connection = kj::heap<Connection>(kj::addRef(*association));  // dropping the promise closes it
  auto handshaken = co_await association->whenHandshaken();
  if (!handshaken) co_return std::unexpected(ConnectError{handshaken.error(), association->peerKey()});
  co_return kj::mv(connection);
}

kj::Promise<void> Endpoint::Loop::close(uint64_t code) {
  server_ = nullptr;
  anteroom_.forgetNewcomers();
  for (auto& [serial, association] : living_) association->close(code);
  flush();
  if (quiet()) co_return;
  auto paf = kj::newPromiseAndFulfiller<void>();
  quietWaiters_.add(kj::mv(paf.fulfiller));
  co_await paf.promise;
}

void Endpoint::Loop::replaceSocket(kj::Own<UdpSocket> socket) {
  bool wasBlocked = egress_.blocked();
  receiving_ = kj::READY_NOW;
  sending_ = kj::READY_NOW;
  socket_ = kj::mv(socket);
  receiving_ = startReceiving();
  if (wasBlocked) sending_ = sendRest().eagerlyEvaluate([this](kj::Exception&& e) { taskFailed(kj::mv(e)); });
  // So that the peers learn where we are.
  for (auto& [serial, association] : living_) wantsFlush(*association);
}

Endpoint::Counters Endpoint::Loop::counters() const {
  Counters counters = counters_;
  const auto& replies = replies_.counters();
  counters.retries = replies.retries;
  counters.refusals = replies.refusals;
  counters.resets = replies.resets;
  counters.versionNegotiations = replies.versionNegotiations;
  counters.withheld = replies.withheld;
  counters.connections = living_.size();
  counters.halfOpen = admission_.halfOpen();
  counters.tombstones = tombstones_.size();
  counters.routes = surroundings_.routes.size();
  return counters;
}

Endpoint::Counters& Endpoint::Counters::operator+=(const Counters& other) {
  datagramsIn += other.datagramsIn;
  datagramsForNobody += other.datagramsForNobody;
  handedOver += other.handedOver;
  retries += other.retries;
  refusals += other.refusals;
  resets += other.resets;
  versionNegotiations += other.versionNegotiations;
  withheld += other.withheld;
  connections += other.connections;
  halfOpen += other.halfOpen;
  tombstones += other.tombstones;
  routes += other.routes;
  return *this;
}

// --- Endpoint -------------------------------------------------------------------------------------------------------

Endpoint::Endpoint(kj::Timer& timer, Random& random, kj::Own<UdpSocket> socket, Options options)
    : loop_(kj::heap<Loop>(timer, random, kj::mv(socket), kj::mv(options))) {}
Endpoint::Endpoint(kj::Timer& timer, Random& random, kj::Own<UdpSocket> socket)
    : Endpoint(timer, random, kj::mv(socket), Options{}) {}
Endpoint::~Endpoint() noexcept(false) = default;

void Endpoint::listen(const TlsIdentity& identity, Accepted accepted) { loop_->listen(identity, kj::mv(accepted)); }
kj::Promise<Endpoint::Connected> Endpoint::connect(ConnectOptions options) { return loop_->connect(kj::mv(options)); }
kj::Promise<void> Endpoint::close(uint64_t code) { return loop_->close(code); }
void Endpoint::takeOver(const IncomingDatagram& datagram) { loop_->takeOver(datagram); }
void Endpoint::replaceSocket(kj::Own<UdpSocket> socket) { loop_->replaceSocket(kj::mv(socket)); }
SocketAddress Endpoint::localAddress() const { return loop_->localAddress(); }
Endpoint::Counters Endpoint::counters() const { return loop_->counters(); }

}  // namespace qpq::quic
