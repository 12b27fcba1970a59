#pragma once

#include <deque>
#include <functional>
#include <string_view>
#include <vector>

#include "lean_device.h"
#include "seeder.h"

namespace qpq::bench {

// Somebody a store was seeded with, and the log they look at.
struct Member {
  Identity identity;
  LogId log;
};
using Members = std::deque<Member>;  // devices refer to them

// Each with a log of their own that holds so many messages of `size` bytes.
Members seedPeople(Seeder& seeder, std::string_view prefix, std::size_t count, uint64_t messages = 0,
                   std::size_t size = 0);
// All in one log.
Members seedGroup(Seeder& seeder, std::string_view prefix, std::size_t count);

using Devices = std::vector<kj::Own<LeanDevice>>;
// Below the 16 half-open handshakes of an address from where on the server asks for a round trip more.
inline constexpr uint64_t kHandshakesAtOnce = 8;

// A connection of each member, from as many hosts as the server's limits per address ask for, and what it does first.
// (A connection on which nothing is said is closed after a while.)
using Step = std::function<kj::Promise<void>(LeanDevice&)>;
kj::Promise<Devices> connectAll(ClientLoop& clients, const quic::SocketAddress& server, const Members& members,
                                Step first);
// The same, signed in.
kj::Promise<Devices> resumeAll(ClientLoop& clients, const quic::SocketAddress& server, const Members& members);

}  // namespace qpq::bench
