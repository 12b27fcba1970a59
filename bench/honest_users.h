#pragma once

#include <cstdint>
#include <vector>

#include "crowd.h"

namespace qpq::bench {

// People who go on talking whatever happens to their server: each appends a message every so often to a log of their
// own, and has it pushed to them. Each message counts from when it was due, so that one which is held up does not hide
// those that had to wait for it.
class HonestUsers {
 public:
  struct Heard {
    std::vector<double> appendUs;  // until the receipt
    std::vector<double> pushUs;    // until the message was pushed
    uint64_t refused = 0;          // appends that failed, each the last of its user's
  };
  // Signed in and following. The loop and the members outlive them.
  HonestUsers(ClientLoop& clients, Devices devices);
  static kj::Promise<kj::Own<HonestUsers>> comeIn(ClientLoop& clients, const quic::SocketAddress& server,
                                                  const Members& members);

  kj::Promise<Heard> talk(double seconds);

 private:
  struct User {
    kj::Own<LeanDevice> device;
    uint64_t newest = 1;  // the log's first commit
  };
  kj::Promise<void> talkAlone(User& user, double fromUs, double toUs, Heard& heard);

  ClientLoop& clients_;
  std::vector<User> users_;
};

}  // namespace qpq::bench
