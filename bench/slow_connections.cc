#include "slow_connections.h"

#include <capnp/rpc.capnp.h>
#include <capnp/serialize.h>
#include <kj/debug.h>

#include <array>
#include <vector>

#include "schema/node.capnp.h"

namespace qpq::bench {

namespace {

// Hosts nobody else of a bench comes from, each with fewer than the server takes from one.
constexpr uint16_t kFirstHost = 20'000;
constexpr uint64_t kPerHost = 200;
constexpr uint64_t kAtOnce = 64;
constexpr auto kTrickle = 2 * kj::SECONDS;
constexpr auto kComeAgain = 15 * kj::SECONDS;
constexpr uint32_t kQuestions = 512;
constexpr std::size_t kPayload = 1024;

kj::Array<capnp::word> bootstrap() {
  capnp::MallocMessageBuilder message;
  message.initRoot<capnp::rpc::Message>().initBootstrap().setQuestionId(0);
  return capnp::messageToFlatArray(message);
}

kj::Array<capnp::word> ping(uint32_t question) {
  capnp::MallocMessageBuilder message;
  auto call = message.initRoot<capnp::rpc::Message>().initCall();
  call.setQuestionId(question);
  call.setInterfaceId(capnp::typeId<schema::Node>());
  call.setMethodId(1);
  call.initTarget().initPromisedAnswer().setQuestionId(0);
  call.initParams().getContent().initAs<schema::Node::PingParams>().initPayload(kPayload);
  return capnp::messageToFlatArray(message);
}

}  // namespace

class SlowConnections::Crowd {
 public:
  Crowd(SlowConnections& counts, const quic::SocketAddress& server, uint64_t count)
      : counts_(counts), server_(server), count_(count) {}

  void run(const AttackThread::Stopped& stopped) {
    auto coming = forEach(count_, kAtOnce, [this](uint64_t i) {
                    return comeFirst(i);
                  }).then([this]() {
                      counts_.haveAllTried_ = true;
                    }).eagerlyEvaluate(nullptr);
    while (!stopped) clients_.wait(clients_.timer.afterDelay(20 * kj::MILLISECONDS));
    coming = nullptr;
    staying_.clear();
  }

 private:
  kj::Promise<void> comeFirst(uint64_t i) {
    auto connection = co_await come(i);
    staying_.push_back(stay(i, kj::mv(connection)).eagerlyEvaluate([](kj::Exception&&) {}));
  }

  kj::Promise<kj::Maybe<kj::Own<quic::Connection>>> come(uint64_t i) {
    auto host = static_cast<uint16_t>(kFirstHost + i / kPerHost);
    return clients_.connectBare(server_, host)
        .then(
            [](kj::Own<quic::Connection> connection) -> kj::Maybe<kj::Own<quic::Connection>> {
              return kj::mv(connection);
            },
            [this](kj::Exception&&) -> kj::Maybe<kj::Own<quic::Connection>> {
              ++counts_.refused_;
              return nullptr;
            });
  }

  kj::Promise<void> stay(uint64_t i, kj::Maybe<kj::Own<quic::Connection>> connection) {
    for (;;) {
      KJ_IF_MAYBE (held, connection) {
        ++counts_.held_;
        KJ_DEFER(--counts_.held_);
        auto slow = i % 10 == 0 ? neverRead(**held) : trickle(**held);
        co_await slow.catch_([](kj::Exception&&) {}).exclusiveJoin((*held)->whenClosed().ignoreResult());
      }
      connection = nullptr;
      co_await clients_.timer.afterDelay(kComeAgain);
      connection = co_await come(i);
    }
  }

  // A message of a thousand words, one at a time.
  kj::Promise<void> trickle(quic::Connection& connection) {
    auto stream = co_await connection.openStream();
    std::array<uint32_t, 2> words{0, 1'000};
    for (;;) {
      co_await stream->write(words.data(), sizeof(words));
      co_await clients_.timer.afterDelay(kTrickle);
    }
  }

  kj::Promise<void> neverRead(quic::Connection& connection) {
    auto stream = co_await connection.openStream();
    auto first = bootstrap();
    co_await stream->write(first.begin(), first.asBytes().size());
    for (uint32_t question = 1; question <= kQuestions; ++question) {
      auto call = ping(question);
      co_await stream->write(call.begin(), call.asBytes().size());
    }
    co_await kj::Promise<void>(kj::NEVER_DONE);
  }

  SlowConnections& counts_;
  const quic::SocketAddress server_;
  const uint64_t count_;
  ClientLoop clients_;
  std::vector<kj::Promise<void>> staying_;
};

SlowConnections::SlowConnections(const quic::SocketAddress& server, uint64_t count) {
  thread_.emplace(
      [this, server, count](const AttackThread::Stopped& stopped) { Crowd(*this, server, count).run(stopped); });
}

}  // namespace qpq::bench
