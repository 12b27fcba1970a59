#pragma once

#include <capnp/rpc-twoparty.h>

#include <cstdint>
#include <set>

#include "quic/rpc.h"
#include "quic/watched_messages.h"

namespace qpq::quic {

// Stands between Cap'n Proto's RPC system and its two-party network and looks at each message: what leaves says nothing
// about our inside, what arrives keeps to the number of open calls and waits while the answers are not read.
class RpcGuard final: public capnp::TwoPartyVatNetworkBase {
 public:
  RpcGuard(WatchedMessages& messages, capnp::TwoPartyVatNetwork& network, const RpcLimits& limits,
           RpcChannel::Hidden& hidden)
      : messages_(messages), network_(network), limits_(limits), hidden_(hidden) {}

  kj::Maybe<kj::Own<capnp::TwoPartyVatNetworkBase::Connection>> connect(
      capnp::rpc::twoparty::VatId::Reader peer) override;
  kj::Promise<kj::Own<capnp::TwoPartyVatNetworkBase::Connection>> accept() override;

 private:
  class GuardedConnection;
  class GuardedMessage;

  kj::Promise<void> whenThereIsRoom();
  void judgeIncoming(capnp::AnyPointer::Reader body);
  void cleanOutgoing(capnp::AnyPointer::Builder body);

  kj::Own<capnp::TwoPartyVatNetworkBase::Connection> guarded(
      kj::Own<capnp::TwoPartyVatNetworkBase::Connection> connection);

  WatchedMessages& messages_;
  capnp::TwoPartyVatNetwork& network_;
  // The RPC system knows a connection again by its address, so there is one guard for it at a time.
  GuardedConnection* guarding_ = nullptr;
  const RpcLimits& limits_;
  RpcChannel::Hidden& hidden_;
  // The peer's questions it may still refer to. A set, for a question may end twice: by its Finish and by an answer
  // that needs none.
  std::set<uint32_t> openCalls_;
};

}  // namespace qpq::quic
