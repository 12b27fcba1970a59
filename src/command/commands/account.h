#pragma once

#include "command/table.h"

namespace qpq::command {

Command whoamiCommand();
Command healthCommand();
Command pingCommand();

}  // namespace qpq::command
