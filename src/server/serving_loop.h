#pragma once

#include <kj/async-unix.h>
#include <kj/thread.h>

#include <array>
#include <future>
#include <memory>
#include <mutex>

#include "loop/mailbox.h"
#include "quic/kernel_socket.h"
#include "quic/kernel_timer.h"
#include "server/limits.h"
#include "server/listener.h"
#include "server/memory_ceiling.h"
#include "server/observe/loop_figures.h"

namespace qpq::server {

// Of every kj::WaitScope of the server, in events. A loop looks at its sockets where nothing is left to do, and before
// that it writes its answers; this is for one that always has something to do. Much less than a full round has, and a
// busy loop looks again and again without ever answering.
inline constexpr kj::uint kBusyPollInterval = 1 << 14;

// What the loops of one server share. Outlives them.
struct ServerWide {
  const Clock& clock;
  Random& random;
  const ServerKeys& keys;
  const quic::TlsIdentity& identity;
  const AuthPolicy& policy;
  loop::Worker& writeWorker;
  WriteQueue& writes;
  EntryRates& rates;
  MemoryCeiling& memory;
  Observer& observer;
  uint64_t blobBytesMax;
};

// Datagrams that arrived at one loop's socket and are for another loop. Rare: where the kernel does not steer.
class Exchange {
 public:
  using Slot = std::shared_ptr<loop::Mailbox<quic::CarriedDatagram>::Slot>;
  void join(uint8_t loop, Slot slot);
  void post(uint8_t loop, const quic::IncomingDatagram& datagram);

 private:
  std::mutex mutex_;
  std::array<Slot, kLoopsMax> slots_;
};

// Everything of a server that lives on one loop: its share of the connections, and the services they use.
class ServingLoop {
 public:
  // `socket` from quic::bindSharedPort, `reads` this loop's own.
  ServingLoop(kj::UnixEventPort& port, const ServerWide& wide, Exchange& exchange, quic::LoopPlace place,
              kj::AutoCloseFd socket, std::unique_ptr<store::Connection> reads);
  KJ_DISALLOW_COPY_AND_MOVE(ServingLoop);

  Services& services() { return services_; }
  quic::SocketAddress address() const { return listener_.address(); }
  LoopFigures figures() const;
  // As Listener's.
  void renew(const quic::TlsIdentity& identity) { listener_.renew(identity); }
  const wire::Hash& tlsKey() const { return listener_.tlsKey(); }
  quic::KernelTimer& timer() { return timer_; }
  loop::Worker& readWorker() { return readWorker_; }
  kj::Promise<void> shutDown() { return listener_.shutDown(); }

 private:
  kj::Promise<void> watchMemory();

  MemoryCeiling& memory_;
  const std::size_t loops_;
  std::unique_ptr<store::Connection> reads_;
  quic::KernelTimer timer_;
  loop::ThreadWorker readWorker_;
  loop::ThreadWorker fileWorker_;
  Services services_;
  Listener listener_;
  loop::Mailbox<quic::CarriedDatagram> arrivals_;
  kj::Promise<void> watchingMemory_;
};

// A ServingLoop on a thread of its own. The first one is the program's main thread.
class LoopThread {
 public:
  // Returns when it serves; throws what kept it from that.
  LoopThread(const ServerWide& wide, Exchange& exchange, quic::LoopPlace place, kj::AutoCloseFd socket,
             std::unique_ptr<store::Connection> reads);
  // Closes what connections are left and waits for the end of the thread.
  ~LoopThread() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(LoopThread);

  kj::Promise<void> shutDown();  // resolves when its connections are closed
  kj::Promise<LoopFigures> figures();
  kj::Promise<void> renew(quic::TlsIdentity identity);

 private:
  // What the thread has once it serves; touched from outside through the executor only.
  struct Served {
    ServingLoop* loop;
    kj::Own<const kj::Executor> executor;
    kj::Own<kj::CrossThreadPromiseFulfiller<void>> stop;
  };
  static void serve(const ServerWide& wide, Exchange& exchange, quic::LoopPlace place, kj::AutoCloseFd socket,
                    std::unique_ptr<store::Connection> reads, kj::Function<void(Served)> begun);

  Served served_;
  kj::Own<kj::Thread> thread_;  // joined by its destructor
};

}  // namespace qpq::server
