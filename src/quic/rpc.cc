#include "quic/rpc.h"

#include <capnp/rpc-twoparty.h>
#include <kj/debug.h>

#include <algorithm>
#include <functional>

#include "quic/rpc_guard.h"

namespace qpq::quic {
namespace {

// The stock buffer of 64 KiB would be most of what an idle connection costs. A message that does not fit is read into
// memory of its own.
constexpr std::size_t kReadBufferWords = 128;

// Whoever leaves less unread is on its way; closing its connection would gain next to nothing. Twice what a control
// stream may hold for a peer that reads.
constexpr std::size_t kSlowReaderBytes = 512 * 1024;

// As many connections are closed before the rest of the loop gets its turn. One takes a tenth of a millisecond.
constexpr std::size_t kShedPerRound = 8;

using Side = capnp::rpc::twoparty::Side;

capnp::ReaderOptions readerOptions(const RpcLimits& limits) {
  return {.traversalLimitInWords = limits.messageWordsMax, .nestingLimit = limits.nestingMax};
}

void closeWith(Connection& connection, RpcClose code) { connection.close(static_cast<uint64_t>(code)); }

}  // namespace

// In the order they stand on each other.
class RpcChannel::Parts {
 public:
  Parts(kj::Own<kj::AsyncIoStream> stream, Side side, kj::Maybe<capnp::Capability::Client> offered,
        const RpcLimits& limits, Hidden hidden, kj::Maybe<LoopRound&> round)
      : stream_(kj::mv(stream)),
        limits_(limits),
        hidden_(kj::mv(hidden)),
        messages_(*stream_, capnp::IncomingRpcMessage::getShortLivedCallback(), kReadBufferWords),
        network_(messages_, side, readerOptions(limits)),
        guard_(messages_, network_, limits_, hidden_, round),
        system_(guard_, kj::mv(offered)),
        peer_(side == Side::SERVER ? Side::CLIENT : Side::SERVER) {
    system_.setFlowLimit(limits.inFlightWordsMax);
  }

  capnp::Capability::Client bootstrap() {
    capnp::MallocMessageBuilder message(4);
    auto peer = message.getRoot<capnp::rpc::twoparty::VatId>();
    peer.setSide(peer_);
    return system_.bootstrap(peer);
  }
  kj::Promise<void> whenDisconnected() { return network_.onDisconnect(); }
  std::size_t unsentBytes() { return heldBytes(network_); }

 private:
  kj::Own<kj::AsyncIoStream> stream_;
  RpcLimits limits_;
  Hidden hidden_;
  WatchedMessages messages_;
  capnp::TwoPartyVatNetwork network_;
  RpcGuard guard_;
  capnp::RpcSystem<capnp::rpc::twoparty::VatId> system_;
  Side peer_;
};

RpcChannel::RpcChannel(kj::Own<kj::AsyncIoStream> stream, const RpcLimits& limits, Hidden hidden)
    : parts_(kj::heap<Parts>(kj::mv(stream), Side::CLIENT, nullptr, limits, kj::mv(hidden), nullptr)) {}
RpcChannel::RpcChannel(kj::Own<kj::AsyncIoStream> stream, capnp::Capability::Client bootstrap, const RpcLimits& limits,
                       kj::Maybe<LoopRound&> round, Hidden hidden)
    : parts_(kj::heap<Parts>(kj::mv(stream), Side::SERVER, kj::mv(bootstrap), limits, kj::mv(hidden), round)) {}
RpcChannel::~RpcChannel() noexcept(false) = default;

capnp::Capability::Client RpcChannel::bootstrap() { return parts_->bootstrap(); }
kj::Promise<void> RpcChannel::whenDisconnected() { return parts_->whenDisconnected(); }
std::size_t RpcChannel::unsentBytes() { return parts_->unsentBytes(); }

// --- client ---------------------------------------------------------------------------------------------------------

RpcClient::RpcClient(kj::Own<Connection> connection, kj::Own<Stream> control, const RpcLimits& limits)
    : connection_(kj::mv(connection)), channel_(kj::mv(control), limits) {}

kj::Promise<kj::Own<RpcClient>> RpcClient::start(kj::Own<Connection> connection, RpcLimits limits) {
  auto control = co_await connection->openStream();
  KJ_REQUIRE(control->id() == 0, "the control stream is the first of its connection");
  co_return kj::heap<RpcClient>(kj::mv(connection), kj::mv(control), limits);
}

// --- server ---------------------------------------------------------------------------------------------------------

struct RpcServer::Session {
  kj::Own<Connection> connection;
  kj::Maybe<kj::Own<RpcChannel>> channel;
  kj::Promise<void> watching = kj::NEVER_DONE;
  kj::Promise<void> deadline = kj::NEVER_DONE;  // for the control stream
};

RpcServer::RpcServer(kj::Timer& timer, Bootstrap bootstrap, Options options)
    : timer_(timer), bootstrap_(kj::mv(bootstrap)), options_(kj::mv(options)), round_(timer), tasks_(*this) {}
RpcServer::RpcServer(kj::Timer& timer, Bootstrap bootstrap): RpcServer(timer, kj::mv(bootstrap), Options{}) {}
RpcServer::~RpcServer() noexcept(false) = default;

void RpcServer::accept(kj::Own<Connection> connection) { tasks_.add(serve(kj::mv(connection))); }

kj::Promise<void> RpcServer::serve(kj::Own<Connection> connection) {
  Session session{.connection = kj::mv(connection), .channel = nullptr};
  auto place = sessions_.emplace(accepted_++, &session).first;
  KJ_DEFER(sessions_.erase(place));
  auto* borrowed = session.connection.get();
  auto streams = acceptStreams(session).eagerlyEvaluate([this, borrowed](kj::Exception&& exception) {
    if (exception.getType() == kj::Exception::Type::DISCONNECTED) return;
    closeWith(*borrowed, RpcClose::internalError);
    taskFailed(kj::mv(exception));
  });
  session.deadline = timer_.afterDelay(static_cast<int64_t>(options_.limits.controlStreamTimeoutMs) * kj::MILLISECONDS)
                         .then([borrowed]() { closeWith(*borrowed, RpcClose::noControlStream); })
                         .eagerlyEvaluate(nullptr);
  co_await session.connection->whenClosed();
}

kj::Promise<void> RpcServer::acceptStreams(Session& session) {
  for (;;) {
    auto stream = co_await session.connection->acceptStream();
    if (stream->id() == 0) {
      offerControl(session, kj::mv(stream));
      continue;
    }
    KJ_IF_MAYBE (other, options_.otherStream) {
      (*other)(*session.connection, kj::mv(stream));
    }
  }
}

void RpcServer::offerControl(Session& session, kj::Own<Stream> stream) {
  auto hidden = [this](kj::StringPtr text) {
    KJ_IF_MAYBE (told, options_.hidden) {
      (*told)(text);
    }
  };
  auto& connection = *session.connection;
  auto& channel = *session.channel.emplace(
      kj::heap<RpcChannel>(kj::mv(stream), bootstrap_(connection), options_.limits, round_, kj::mv(hidden)));
  session.deadline = kj::NEVER_DONE;
  // What a client may do it does over this stream; without it the rest of the connection has no owner.
  session.watching = channel.whenDisconnected()
                         .then([&connection]() { closeWith(connection, RpcClose::normal); })
                         .eagerlyEvaluate(nullptr);
}

kj::Promise<void> RpcServer::shed(std::size_t bytes, std::size_t bytesEach) {
  std::size_t closed = 0;
  for (uint64_t age : leastMissed(bytes, bytesEach)) {
    auto session = sessions_.find(age);
    if (session == sessions_.end()) continue;
    closeWith(*session->second->connection, RpcClose::noRoom);
    if (++closed % kShedPerRound == 0) co_await timer_.afterDelay(0 * kj::SECONDS);
  }
}

std::vector<uint64_t> RpcServer::leastMissed(std::size_t bytes, std::size_t bytesEach) {
  std::size_t freed = 0;
  std::vector<uint64_t> chosen;
  std::vector<std::pair<std::size_t, uint64_t>> slow;
  for (auto& [age, session] : sessions_) {
    if (freed >= bytes) return chosen;
    std::size_t unread = session->connection->retainedBytes();
    KJ_IF_MAYBE (channel, session->channel) unread += (*channel)->unsentBytes();
    if (!*session->connection->known()) {
      chosen.push_back(age);
      freed += bytesEach + unread;
    } else if (unread > kSlowReaderBytes) {
      slow.emplace_back(unread, age);
    }
  }
  std::ranges::stable_sort(slow, std::greater(), [](const auto& each) { return each.first; });
  for (auto& [unread, age] : slow) {
    if (freed >= bytes) break;
    chosen.push_back(age);
    freed += unread;
  }
  return chosen;
}

void RpcServer::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "serving RPC", exception); }

}  // namespace qpq::quic
