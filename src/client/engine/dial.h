#pragma once

#include "client/client.h"
#include "client/core/delivery.h"
#include "client/engine/core_seat.h"
#include "wire/people/server_info.h"

namespace qpq::client {

// A connection to the right server, and what it told the core.
struct Dialled {
  Link link;
  wire::VerifiedServerInfo server;
  core::Outcome outcome;
};

// Connects and holds the server to its identity: the signed ServerInfo must name this connection's TLS key and the
// pinned identity; without a pin the person is asked. Then it is remembered.
//   offline, unknownServer, serverChanged
Promise<Dialled> dial(const World& world, CoreSeat& core);

std::string fingerprintOf(const wire::PublicKey& identity);  // 16 groups of 4 hex digits

}  // namespace qpq::client
