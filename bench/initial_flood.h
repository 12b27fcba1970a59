#pragma once

#include <optional>
#include <vector>

#include "attack_thread.h"
#include "base/bytes.h"
#include "client_loop.h"

namespace qpq::bench {

// The first datagrams of clients that never answer: genuine Initials, each pair of a connection of its own, from many
// addresses and ports. So a flood with forged addresses looks to a server.
class InitialFlood {
 public:
  // Makes the datagrams, which takes a while.
  InitialFlood(ClientLoop& clients, const quic::SocketAddress& server, std::size_t connections);

  void begin(uint64_t datagramsPerSecond);
  void end() { thread_.reset(); }
  uint64_t sent() const { return sent_; }

 private:
  void flood(uint64_t datagramsPerSecond, const AttackThread::Stopped& stopped);

  const quic::SocketAddress server_;
  std::vector<Bytes> datagrams_;
  std::atomic<uint64_t> sent_ = 0;
  std::optional<AttackThread> thread_;  // ends before what it uses
};

}  // namespace qpq::bench
