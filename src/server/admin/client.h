#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "server/admin/outcome.h"

namespace qpq::server {

// Asks the server that works in this data folder; nothing if none does. Blocks until it has answered.
std::optional<AdminOutcome> askServer(const std::string& dataDir, std::string_view request);

}  // namespace qpq::server
