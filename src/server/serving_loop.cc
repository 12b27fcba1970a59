#include "server/serving_loop.h"

#include <kj/debug.h>
#include <malloc.h>

#include <exception>

namespace qpq::server {

void Exchange::join(uint8_t loop, Slot slot) {
  std::scoped_lock lock(mutex_);
  slots_.at(loop) = std::move(slot);
}

void Exchange::post(uint8_t loop, const quic::IncomingDatagram& datagram) {
  Slot slot;
  {
    std::scoped_lock lock(mutex_);
    slot = slots_.at(loop);
  }
  if (slot != nullptr) slot->postUnlessFull(quic::CarriedDatagram::of(datagram), kCarriedDatagramsMax);
}

ServingLoop::ServingLoop(kj::UnixEventPort& port, const ServerWide& wide, Exchange& exchange, quic::LoopPlace place,
                         kj::AutoCloseFd socket, std::unique_ptr<store::Connection> reads)
    : memory_(wide.memory),
      loops_(place.count),
      reads_(std::move(reads)),
      timer_(port),
      services_({wide.clock, wide.random, timer_, wide.writeWorker, wide.writes, readWorker_, *reads_, fileWorker_,
                 wide.rates, wide.observer, wide.blobBytesMax},
                wide.keys, wide.identity.keyHash(), wide.policy),
      listener_(
          services_, timer_, wide.random,
          kj::heap<quic::KernelSocket>(port, kj::mv(socket), quic::KernelSocket::Role::server), wide.identity,
          Listener::Among{
              .place = place,
              .handOver = quic::Endpoint::HandOver(
                  [&exchange](uint8_t loop, const quic::IncomingDatagram& datagram) { exchange.post(loop, datagram); }),
              .makeRoom = kj::Function<quic::Admission::Room()>([this]() { return memory_.admit(); })}),
      arrivals_([this](const quic::CarriedDatagram& datagram) { listener_.takeOver(datagram.view()); }),
      watchingMemory_(watchMemory().eagerlyEvaluate(nullptr)) {
  exchange.join(place.index, arrivals_.slot());
}

kj::Promise<void> ServingLoop::watchMemory() {
  auto counted = timer_.now();
  for (;;) {
    co_await timer_.afterDelay((memory_.isNear() ? kMemoryLookNearMs : kMemoryLookMs) * kj::MILLISECONDS);
    memory_.look(residentBytes());
    // Else those who have left would keep others out, and those who are there would have to go for them.
    if (!memory_.hasRoom() && timer_.now() - counted >= kMemoryCountMs * kj::MILLISECONDS) {
      memory_.countReusable(reusableBytes());
      counted = timer_.now();
    }
    if (memory_.isTight()) {
      memory_.noteGivingBack();
      ::malloc_trim(0);
      memory_.look(residentBytes());
      memory_.countReusable(reusableBytes());
    }
    uint64_t excess = memory_.excess();
    if (excess == 0) continue;
    KJ_LOG(WARNING, "memory is nearly at its ceiling: clients are sent away", memory_.budget().used);
    co_await listener_.shed(excess / loops_);
    counted = kj::origin<kj::TimePoint>();  // what they held is free, and counted when they are gone
  }
}

LoopFigures ServingLoop::figures() const {
  return {.loops = 1,
          .sessions = services_.sessions.count(),
          .followers = services_.followers.count(),
          .acknowledgements = services_.acknowledgements.waiting(),
          .quic = listener_.counters()};
}

// Everything on this thread, until it is told to stop.
void LoopThread::serve(const ServerWide& wide, Exchange& exchange, quic::LoopPlace place, kj::AutoCloseFd socket,
                       std::unique_ptr<store::Connection> reads, kj::Function<void(Served)> begun) {
  kj::UnixEventPort port;
  kj::EventLoop loop(port);
  kj::WaitScope waitScope(loop);
  waitScope.setBusyPollInterval(kBusyPollInterval);
  ServingLoop own(port, wide, exchange, place, kj::mv(socket), std::move(reads));
  auto stop = kj::newPromiseAndCrossThreadFulfiller<void>();
  begun({&own, kj::getCurrentThreadExecutor().addRef(), kj::mv(stop.fulfiller)});
  stop.promise.wait(waitScope);
  own.shutDown().wait(waitScope);
}

LoopThread::LoopThread(const ServerWide& wide, Exchange& exchange, quic::LoopPlace place, kj::AutoCloseFd socket,
                       std::unique_ptr<store::Connection> reads) {
  std::promise<Served> serving;
  auto served = serving.get_future();
  thread_ = kj::heap<kj::Thread>([&wide, &exchange, place, serving = std::move(serving), socket = kj::mv(socket),
                                  reads = std::move(reads)]() mutable {
    bool begun = false;
    try {
      serve(wide, exchange, place, kj::mv(socket), std::move(reads), [&](Served own) {
        begun = true;
        serving.set_value(kj::mv(own));
      });
    } catch (...) {
      if (!begun) return serving.set_exception(std::current_exception());
      // A server that serves some of its clients only helps nobody: it ends, and is started again.
      KJ_LOG(FATAL, "a loop failed", kj::getCaughtExceptionAsKj());
      std::terminate();
    }
  });
  served_ = served.get();
}

LoopThread::~LoopThread() noexcept(false) { served_.stop->fulfill(); }

kj::Promise<void> LoopThread::shutDown() {
  return served_.executor->executeAsync([loop = served_.loop]() { return loop->shutDown(); });
}

kj::Promise<void> LoopThread::renew(quic::TlsIdentity identity) {
  return served_.executor->executeAsync(
      [loop = served_.loop, identity = std::move(identity)]() { loop->renew(identity); });
}

kj::Promise<LoopFigures> LoopThread::figures() {
  return served_.executor->executeAsync([loop = served_.loop]() { return loop->figures(); });
}

}  // namespace qpq::server
