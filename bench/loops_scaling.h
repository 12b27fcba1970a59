#pragma once

#include "client_loop.h"
#include "data_folder.h"
#include "report.h"

namespace qpq::bench {

// What an operation costs a server with two loops, against one with one: handshakes, calls, deliveries. Both servers
// may run on every core, and so may the load.
void measureLoopsScaling(ClientLoop& clients, Report& report, const DataFolder& folder);

}  // namespace qpq::bench
