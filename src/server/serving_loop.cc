#include "server/serving_loop.h"

namespace qpq::server {

namespace {

// Everything on this thread, until `stop` is fulfilled.
void serve(const ServerWide& wide, Exchange& exchange, quic::LoopPlace place, kj::AutoCloseFd socket,
           sql::Database readDatabase, std::promise<kj::Own<kj::CrossThreadPromiseFulfiller<void>>>& serving) {
  kj::UnixEventPort port;
  kj::EventLoop loop(port);
  kj::WaitScope waitScope(loop);
  waitScope.setBusyPollInterval(kBusyPollInterval);
  ServingLoop own(port, wide, exchange, place, kj::mv(socket), std::move(readDatabase));
  auto stop = kj::newPromiseAndCrossThreadFulfiller<void>();
  serving.set_value(kj::mv(stop.fulfiller));
  stop.promise.wait(waitScope);
  own.shutDown().wait(waitScope);
}

}  // namespace

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
  if (slot != nullptr) slot->post(quic::CarriedDatagram::of(datagram));
}

ServingLoop::ServingLoop(kj::UnixEventPort& port, const ServerWide& wide, Exchange& exchange, quic::LoopPlace place,
                         kj::AutoCloseFd socket, sql::Database readDatabase)
    : readDatabase_(std::move(readDatabase)),
      timer_(port),
      services_(
          {wide.clock, wide.random, timer_, wide.writeWorker, wide.writes, readWorker_, readDatabase_, wide.rates},
          wide.keys, wide.identity.keyHash(), wide.policy),
      listener_(services_, timer_, wide.random,
                kj::heap<quic::KernelSocket>(port, kj::mv(socket), quic::KernelSocket::Role::server), wide.identity,
                Listener::Among{.place = place,
                                .handOver = quic::Endpoint::HandOver(
                                    [&exchange](uint8_t loop, const quic::IncomingDatagram& datagram) {
                                      exchange.post(loop, datagram);
                                    })}),
      arrivals_([this](const quic::CarriedDatagram& datagram) { listener_.takeOver(datagram.view()); }) {
  exchange.join(place.index, arrivals_.slot());
}

LoopThread::LoopThread(const ServerWide& wide, Exchange& exchange, quic::LoopPlace place, kj::AutoCloseFd socket,
                       sql::Database readDatabase) {
  std::promise<Stop> serving;
  auto served = serving.get_future();
  // Its members may not throw from their destructors, as kj's may; a thread wants that of what it runs.
  struct Start {
    int socket;
    std::optional<sql::Database> readDatabase;
  };
  Start start{kj::mv(socket).release(), std::move(readDatabase)};
  thread_ = std::thread([&wide, &exchange, place, &serving, start = std::move(start)]() mutable {
    try {
      serve(wide, exchange, place, kj::AutoCloseFd(start.socket), *std::move(start.readDatabase), serving);
    } catch (...) {
      // Later than at the start it is the program's end: a server that serves some of its clients only helps nobody.
      serving.set_exception(std::current_exception());
    }
  });
  try {
    stop_ = served.get();
  } catch (...) {
    thread_.join();
    throw;
  }
}

LoopThread::~LoopThread() {
  stop();
  thread_.join();
}

void LoopThread::stop() { stop_->fulfill(); }

}  // namespace qpq::server
