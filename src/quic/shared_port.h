#pragma once

#include <kj/io.h>

#include <cstdint>
#include <vector>

#include "quic/address.h"

namespace qpq::quic {

// Sockets on one address, one per loop, in the loops' order; each goes to a KernelSocket of its loop. The kernel gives
// a datagram to the socket that its connection id names (connection_id.h): the first byte modulo their number. Where it
// does not take that filter it spreads them by addresses, and the loops hand over what is not theirs
// (Endpoint::Options).
//
// Throws a kj::Exception if the address cannot be bound, or is another program's: the kernel would share it between the
// two without a word.
enum class Steering { byConnectionId, byAddress };
std::vector<kj::AutoCloseFd> bindSharedPort(const SocketAddress& address, uint8_t count,
                                            Steering steering = Steering::byConnectionId);

}  // namespace qpq::quic
