#pragma once

#include "server/observe/exposition.h"

namespace qpq::server {

// What the system knows of this process, under the names every Prometheus client uses.
void writeProcessFigures(Exposition& out, uint64_t startedMs);

}  // namespace qpq::server
