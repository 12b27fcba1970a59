#pragma once

#include <optional>

#include "attack_thread.h"
#include "client_loop.h"

namespace qpq::bench {

// Connections that are let in and then only cost: nine in ten send a message a few bytes at a time and never end it,
// the tenth asks a lot and reads no answer. Whoever is refused or sent away comes again, for as long as they live.
class SlowConnections {
 public:
  SlowConnections(const quic::SocketAddress& server, uint64_t count);

  uint64_t held() const { return held_; }        // just now
  uint64_t refused() const { return refused_; }  // so far
  // Every one of them has been let in or refused once.
  bool haveAllTried() const { return haveAllTried_; }

 private:
  class Crowd;

  std::atomic<uint64_t> held_ = 0;
  std::atomic<uint64_t> refused_ = 0;
  std::atomic<bool> haveAllTried_ = false;
  std::optional<AttackThread> thread_;
};

}  // namespace qpq::bench
