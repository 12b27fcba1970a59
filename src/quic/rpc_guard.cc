#include "quic/rpc_guard.h"

#include <kj/debug.h>
#include <kj/refcount.h>

namespace qpq::quic {
namespace {

using NetworkConnection = capnp::TwoPartyVatNetworkBase::Connection;

kj::StringPtr plainReason(capnp::rpc::Exception::Type type) {
  switch (type) {
    case capnp::rpc::Exception::Type::FAILED: return "failed";
    case capnp::rpc::Exception::Type::OVERLOADED: return "overloaded";
    case capnp::rpc::Exception::Type::DISCONNECTED: return "disconnected";
    case capnp::rpc::Exception::Type::UNIMPLEMENTED: return "unimplemented";
  }
  return "failed";
}

// A message is built in segments, and the first is never smaller, however little it holds.
constexpr std::size_t kFirstSegmentBytes = capnp::SUGGESTED_FIRST_SEGMENT_WORDS * sizeof(capnp::word);

}  // namespace

std::size_t heldBytes(capnp::TwoPartyVatNetwork& network) {
  return network.getCurrentQueueSize() + network.getCurrentQueueCount() * kFirstSegmentBytes;
}

class RpcGuard::GuardedMessage final: public capnp::OutgoingRpcMessage {
 public:
  GuardedMessage(RpcGuard& guard, kj::Own<capnp::OutgoingRpcMessage> message)
      : guard_(guard), message_(kj::mv(message)) {}

  capnp::AnyPointer::Builder getBody() override { return message_->getBody(); }
  void send() override {
    guard_.cleanOutgoing(message_->getBody());
    message_->send();
  }
  size_t sizeInWords() override { return message_->sizeInWords(); }

 private:
  RpcGuard& guard_;
  kj::Own<capnp::OutgoingRpcMessage> message_;
};

class RpcGuard::GuardedConnection final: public NetworkConnection, public kj::Refcounted {
 public:
  GuardedConnection(RpcGuard& guard, kj::Own<NetworkConnection> connection)
      : guard_(guard), connection_(kj::mv(connection)) {
    guard_.guarding_ = this;
  }
  ~GuardedConnection() noexcept(false) { guard_.guarding_ = nullptr; }

  kj::Own<capnp::RpcFlowController> newStream() override { return connection_->newStream(); }
  capnp::rpc::twoparty::VatId::Reader getPeerVatId() override { return connection_->getPeerVatId(); }
  kj::Own<capnp::OutgoingRpcMessage> newOutgoingMessage(kj::uint firstSegmentWordSize) override {
    return kj::heap<GuardedMessage>(guard_, connection_->newOutgoingMessage(firstSegmentWordSize));
  }
  kj::Promise<kj::Maybe<kj::Own<capnp::IncomingRpcMessage>>> receiveIncomingMessage() override {
    auto received = guard_.whenItIsTheirTurn().then([this]() { return connection_->receiveIncomingMessage(); });
    return received.then([this](kj::Maybe<kj::Own<capnp::IncomingRpcMessage>> message) {
      KJ_IF_MAYBE (arrived, message) {
        guard_.judgeIncoming((*arrived)->getBody());
      }
      return message;
    });
  }
  kj::Promise<void> shutdown() override { return connection_->shutdown(); }

 private:
  RpcGuard& guard_;
  kj::Own<NetworkConnection> connection_;
};

kj::Own<NetworkConnection> RpcGuard::guarded(kj::Own<NetworkConnection> connection) {
  if (guarding_ != nullptr) return kj::addRef(*guarding_);
  return kj::refcounted<GuardedConnection>(*this, kj::mv(connection));
}

kj::Maybe<kj::Own<NetworkConnection>> RpcGuard::connect(capnp::rpc::twoparty::VatId::Reader peer) {
  KJ_IF_MAYBE (connection, network_.connect(peer)) {
    return guarded(kj::mv(*connection));
  }
  return nullptr;
}

kj::Promise<kj::Own<NetworkConnection>> RpcGuard::accept() {
  return network_.accept().then([this](kj::Own<NetworkConnection> connection) { return guarded(kj::mv(connection)); });
}

bool RpcGuard::hasRoom() const {
  return heldBytes(network_) <= limits_.unsentBytesMax && unanswered_ < limits_.unansweredCallsMax;
}

kj::Promise<void> RpcGuard::whenItIsTheirTurn() {
  KJ_IF_MAYBE (round, round_) {
    if (!round->take(lastRound_)) return round->next(lastRound_).then([this]() { return whenThereIsRoom(); });
  }
  return whenThereIsRoom();
}

// Only the end that answers waits: if both did, each could wait for the other to read.
kj::Promise<void> RpcGuard::whenThereIsRoom() {
  bool answers = network_.getSide() == capnp::rpc::twoparty::Side::SERVER;
  if (!answers || hasRoom() || messages_.hasFailed()) return kj::READY_NOW;
  auto answered = kj::newPromiseAndFulfiller<void>();
  awaitsAnswer_ = kj::mv(answered.fulfiller);
  return messages_.whenWritten().exclusiveJoin(kj::mv(answered.promise)).then([this]() { return whenThereIsRoom(); });
}

void RpcGuard::judgeIncoming(capnp::AnyPointer::Reader body) {
  auto message = body.getAs<capnp::rpc::Message>();
  switch (message.which()) {
    case capnp::rpc::Message::CALL: beginCall(message.getCall()); break;
    case capnp::rpc::Message::BOOTSTRAP: begin(message.getBootstrap().getQuestionId()); break;
    case capnp::rpc::Message::FINISH: noteFinish(message.getFinish().getQuestionId()); break;
    default: break;
  }
  KJ_REQUIRE(openCalls_.size() <= limits_.openCallsMax, "too many open calls");
}

void RpcGuard::begin(uint32_t question) {
  if (openCalls_.emplace(question, OpenCall()).second) ++unanswered_;
}

// The other end may tell what nobody is to answer (rpc.capnp: onlyPromisePipeline). Not the end that asks: what it is
// owed no answer for would be work without a bound.
void RpcGuard::beginCall(capnp::rpc::Call::Reader call) {
  begin(call.getQuestionId());
  bool answers = network_.getSide() == capnp::rpc::twoparty::Side::SERVER;
  if (call.getOnlyPromisePipeline() && !answers) noteAnswered(call.getQuestionId());
}

void RpcGuard::noteFinish(uint32_t question) {
  auto call = openCalls_.find(question);
  if (call == openCalls_.end()) return;
  call->second.finished = true;
  forgetIfOver(call);
}

void RpcGuard::noteAnswer(capnp::rpc::Return::Reader answer) {
  if (answer.getNoFinishNeeded()) noteFinish(answer.getAnswerId());
  noteAnswered(answer.getAnswerId());
}

void RpcGuard::noteAnswered(uint32_t question) {
  auto call = openCalls_.find(question);
  if (call == openCalls_.end() || call->second.answered) return;
  call->second.answered = true;
  --unanswered_;
  forgetIfOver(call);
  KJ_IF_MAYBE (waiting, awaitsAnswer_) {
    (*waiting)->fulfill();
  }
  awaitsAnswer_ = nullptr;
}

void RpcGuard::forgetIfOver(std::map<uint32_t, OpenCall>::iterator call) {
  if (call->second.finished && call->second.answered) openCalls_.erase(call);
}

void RpcGuard::cleanOutgoing(capnp::AnyPointer::Builder body) {
  auto hide = [this](capnp::rpc::Exception::Builder exception) {
    hidden_(exception.getReason());
    exception.setReason(plainReason(exception.getType()));
    exception.setTrace("");
  };
  auto message = body.getAs<capnp::rpc::Message>();
  switch (message.which()) {
    case capnp::rpc::Message::RETURN: {
      auto answer = message.getReturn();
      if (answer.isException()) hide(answer.getException());
      noteAnswer(answer);
      break;
    }
    case capnp::rpc::Message::RESOLVE:
      if (message.getResolve().isException()) hide(message.getResolve().getException());
      break;
    case capnp::rpc::Message::ABORT: hide(message.getAbort()); break;
    default: break;
  }
}

}  // namespace qpq::quic
