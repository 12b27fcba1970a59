#pragma once

#include <optional>

#include "attack_thread.h"
#include "client_loop.h"
#include "crowd.h"

namespace qpq::bench {

// Somebody for whom very much lies at the server, who fetches it as fast as it comes: it is pushed to them, and they
// read it from as many places at once as one connection may.
class GreedyReader {
 public:
  GreedyReader(const quic::SocketAddress& server, const Member& member, uint64_t entries);

  uint64_t bytes() const { return bytes_; }    // read so far
  uint64_t pushed() const { return pushed_; }  // entries pushed so far

 private:
  void read(const quic::SocketAddress& server, const Member& member, uint64_t entries,
            const AttackThread::Stopped& stopped);

  std::atomic<uint64_t> bytes_ = 0;
  std::atomic<uint64_t> pushed_ = 0;
  std::optional<AttackThread> thread_;
};

}  // namespace qpq::bench
