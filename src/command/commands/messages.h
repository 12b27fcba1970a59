#pragma once

#include "command/table.h"

namespace qpq::command {

Command sendCommand();
Command recvCommand();
Command historyCommand();
Command markReadCommand();
Command flushCommand();

}  // namespace qpq::command
