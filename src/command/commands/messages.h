#pragma once

#include "command/table.h"

namespace qpq::command {

// The `wait` of a command that sends.
uint32_t sendWaitS(const Arguments& arguments);
// Whether everything written has reached the server within the time. That it still waits is no failure.
kj::Promise<Outcome<bool>> reachesServer(client::Client& client, uint32_t waitS);

Command sendCommand();
Command recvCommand();
Command historyCommand();
Command markReadCommand();
Command flushCommand();

}  // namespace qpq::command
