#pragma once

#include <capnp/capability.h>
#include <kj/async-io.h>
#include <kj/timer.h>

#include <map>

#include "base/time.h"
#include "quic/connection.h"
#include "quic/loop_round.h"

namespace qpq::quic {

// What one peer's messages may cost us.
struct RpcLimits {
  // One message, in words of 8 bytes, and what may be read of it in total: 1 MiB holds the largest call with room to
  // spare. A message's header alone makes the reader allocate this much.
  uint64_t messageWordsMax = 128 * 1024;
  // Structures within structures. Ours are flat; deep ones exist to exhaust the stack of a recursive reader.
  int nestingMax = 32;
  // Parameters of calls that are being worked on, in words. Above it the stream is not read, not even for the news that
  // a call is cancelled: what waits long (a subscription, say) must have small parameters.
  std::size_t inFlightWordsMax = 256 * 1024;
  // Answers that wait for a client which does not read them, by the memory they take: the smallest takes 8 KiB. Above
  // it the stream is not read either; whoever waits for answers reads, so this holds up nobody else. Twice as much may
  // be held: one half queued, the other being written.
  std::size_t unsentBytesMax = 1 << 20;
  // Calls that have no answer yet. Above it the stream is not read: each answer may be a page of a quarter of a MiB,
  // and a client that has so many to wait for gains nothing by another. No call may wait for another message of its
  // own connection.
  std::size_t unansweredCallsMax = 32;
  // Calls begun and not finished. A peer that asks and never says that it is done with the answers is cut off. (An
  // answer without capabilities, so every large one, is done with when it is sent.)
  std::size_t openCallsMax = 1024;
  // A client that has not opened its control stream by then has no business here.
  uint64_t controlStreamTimeoutMs = 10 * kSecondMs;
};

// The application codes a connection is closed with by this file; 0 means nothing is wrong.
enum class RpcClose : uint64_t { normal = 0, noControlStream = 1, internalError = 2, noRoom = 3 };

// Cap'n Proto RPC over one stream, with limits the stock two-party server cannot set. What an exception says stays
// here: the peer learns its type and no more (design: an outcome the peer is to understand is a result).
class RpcChannel {
 public:
  using Hidden = kj::Function<void(kj::StringPtr)>;  // told the text of each exception the peer was not told

  // The end that calls first.
  RpcChannel(kj::Own<kj::AsyncIoStream> stream, const RpcLimits& limits, Hidden hidden = ignore);
  // The end that offers `bootstrap`; one of many, if it shares the rounds of its loop with others.
  RpcChannel(kj::Own<kj::AsyncIoStream> stream, capnp::Capability::Client bootstrap, const RpcLimits& limits,
             kj::Maybe<LoopRound&> round = nullptr, Hidden hidden = ignore);
  ~RpcChannel() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(RpcChannel);

  capnp::Capability::Client bootstrap();  // what the other end offers
  kj::Promise<void> whenDisconnected();
  std::size_t unsentBytes();  // that wait for the peer to read

 private:
  static void ignore(kj::StringPtr) {}
  class Parts;
  kj::Own<Parts> parts_;
};

// A client's connection and the RPC on its control stream.
class RpcClient {
 public:
  static kj::Promise<kj::Own<RpcClient>> start(kj::Own<Connection> connection, RpcLimits limits = {});

  RpcClient(kj::Own<Connection> connection, kj::Own<Stream> control, const RpcLimits& limits);
  KJ_DISALLOW_COPY_AND_MOVE(RpcClient);

  capnp::Capability::Client bootstrap() { return channel_.bootstrap(); }
  Connection& connection() { return *connection_; }

 private:
  kj::Own<Connection> connection_;
  RpcChannel channel_;
};

// Serves RPC on the control stream of each connection it is given, and hands the other streams on.
class RpcServer final: private kj::TaskSet::ErrorHandler {
 public:
  // Called once per connection, which outlives the capability.
  using Bootstrap = kj::Function<capnp::Capability::Client(Connection&)>;
  using OtherStream = kj::Function<void(Connection&, kj::Own<Stream>)>;  // id is not 0; dropping it refuses it
  struct Options {
    RpcLimits limits{};
    kj::Maybe<OtherStream> otherStream{};  // without: refused
    kj::Maybe<kj::Function<void(kj::StringPtr)>> hidden{};
  };

  RpcServer(kj::Timer& timer, Bootstrap bootstrap, Options options);
  RpcServer(kj::Timer& timer, Bootstrap bootstrap);
  ~RpcServer() noexcept(false);

  void accept(kj::Own<Connection> connection);  // for Endpoint::listen
  std::size_t sessions() const { return sessions_.size(); }
  // Closes connections until about so many bytes are free: first those nobody is known to hold, each taken for
  // `bytesEach`, the oldest first; then those for whom most is held that they have not
  // read, answers and transfers. Whoever is known and reads stays.
  // A few at a time, for all of that takes longer than the others may wait; dropping the promise ends it.
  kj::Promise<void> shed(std::size_t bytes, std::size_t bytesEach);

 private:
  struct Session;
  std::vector<uint64_t> leastMissed(std::size_t bytes, std::size_t bytesEach);
  kj::Promise<void> serve(kj::Own<Connection> connection);
  kj::Promise<void> acceptStreams(Session& session);
  void offerControl(Session& session, kj::Own<Stream> stream);
  void taskFailed(kj::Exception&& exception) override;

  kj::Timer& timer_;
  Bootstrap bootstrap_;
  Options options_;
  LoopRound round_;
  uint64_t accepted_ = 0;
  std::map<uint64_t, Session*> sessions_;  // by age
  kj::TaskSet tasks_;
};

}  // namespace qpq::quic
