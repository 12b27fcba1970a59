#pragma once

#include <kj/async.h>

#include <algorithm>

#include "client_loop.h"
#include "server_process.h"

namespace qpq::bench {

// The most memory a server has occupied, as far as looking at it every few milliseconds tells.
class PeakMemory {
 public:
  PeakMemory(ClientLoop& clients, const ServerProcess& server)
      : looking_(look(clients, server).eagerlyEvaluate(nullptr)) {}
  double kiB() const { return kiB_; }

 private:
  kj::Promise<void> look(ClientLoop& clients, const ServerProcess& server) {
    for (;;) {
      kiB_ = std::max(kiB_, server.residentKiB());
      co_await clients.timer.afterDelay(10 * kj::MILLISECONDS);
    }
  }

  double kiB_ = 0;
  kj::Promise<void> looking_;
};

}  // namespace qpq::bench
