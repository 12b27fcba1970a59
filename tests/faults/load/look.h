#pragma once

#include "hall.h"

namespace qpq::faults {

// Reads every log whole, as each of its readers may, and holds it against the ledger.
kj::Promise<void> lookThrough(Hall& hall);

}  // namespace qpq::faults
