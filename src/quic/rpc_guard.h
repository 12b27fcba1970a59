#pragma once

#include <capnp/rpc-twoparty.h>
#include <capnp/rpc.capnp.h>

#include <cstddef>
#include <cstdint>
#include <map>

#include "quic/rpc.h"
#include "quic/watched_messages.h"

namespace qpq::quic {

// What the messages that wait to be written take in memory, at least.
std::size_t heldBytes(capnp::TwoPartyVatNetwork& network);

// Stands between Cap'n Proto's RPC system and its two-party network and looks at each message: what leaves says nothing
// about our inside, what arrives keeps to the bounds on open calls and waits while the answers are not made or not
// read.
class RpcGuard final: public capnp::TwoPartyVatNetworkBase {
 public:
  RpcGuard(WatchedMessages& messages, capnp::TwoPartyVatNetwork& network, const RpcLimits& limits,
           RpcChannel::Hidden& hidden, kj::Maybe<LoopRound&> round)
      : messages_(messages), network_(network), limits_(limits), hidden_(hidden), round_(round) {}

  kj::Maybe<kj::Own<capnp::TwoPartyVatNetworkBase::Connection>> connect(
      capnp::rpc::twoparty::VatId::Reader peer) override;
  kj::Promise<kj::Own<capnp::TwoPartyVatNetworkBase::Connection>> accept() override;

 private:
  class GuardedConnection;
  class GuardedMessage;
  // A question of the peer's: it may refer to it until it has said that it is done with the answer, and until there is
  // an answer, if only that it was cancelled, there may be work on it.
  struct OpenCall {
    bool answered = false;
    bool finished = false;
  };

  kj::Promise<void> whenItIsTheirTurn();
  kj::Promise<void> whenThereIsRoom();
  bool hasRoom() const;
  void judgeIncoming(capnp::AnyPointer::Reader body);
  void cleanOutgoing(capnp::AnyPointer::Builder body);
  void beginCall(capnp::rpc::Call::Reader call);
  void noteAnswer(capnp::rpc::Return::Reader answer);
  void noteAnswered(uint32_t question);
  void begin(uint32_t question);
  void noteFinish(uint32_t question);
  void forgetIfOver(std::map<uint32_t, OpenCall>::iterator call);

  kj::Own<capnp::TwoPartyVatNetworkBase::Connection> guarded(
      kj::Own<capnp::TwoPartyVatNetworkBase::Connection> connection);

  WatchedMessages& messages_;
  capnp::TwoPartyVatNetwork& network_;
  // The RPC system knows a connection again by its address, so there is one guard for it at a time.
  GuardedConnection* guarding_ = nullptr;
  const RpcLimits& limits_;
  RpcChannel::Hidden& hidden_;
  std::map<uint32_t, OpenCall> openCalls_;
  std::size_t unanswered_ = 0;
  kj::Maybe<LoopRound&> round_;
  uint64_t lastRound_ = 0;  // in which a message was taken
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> awaitsAnswer_;
};

}  // namespace qpq::quic
