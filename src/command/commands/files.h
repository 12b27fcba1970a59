#pragma once

#include "command/table.h"

namespace qpq::command {

Command sendFileCommand();
Command saveFileCommand();

}  // namespace qpq::command
