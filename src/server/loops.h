#pragma once

#include <memory>
#include <vector>

#include "server/serving_loop.h"

namespace qpq::server {

// All loops of a server: the first on this thread, the others on their own.
class Loops {
 public:
  // One socket of quic::bindSharedPort and one reader of the store for each.
  Loops(kj::UnixEventPort& port, const ServerWide& wide, std::vector<kj::AutoCloseFd> sockets,
        std::vector<std::unique_ptr<store::Connection>> readers);
  KJ_DISALLOW_COPY_AND_MOVE(Loops);

  ServingLoop& first() { return first_; }
  kj::Promise<LoopFigures> figures();  // of all together
  // As Listener::renew, on each.
  kj::Promise<void> renew(quic::TlsIdentity identity);
  // Closes every connection of every loop.
  kj::Promise<void> shutDown();

 private:
  Exchange exchange_;
  ServingLoop first_;
  std::vector<std::unique_ptr<LoopThread>> others_;
};

}  // namespace qpq::server
