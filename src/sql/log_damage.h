#pragma once

#include <string>

#include "sql/error.h"

namespace qpq::sql {

// Looks through the write-ahead log beside a file before it is opened again. After a crash SQLite reads a log up to the
// first frame whose checksum is wrong and forgets the rest: right where a power cut tore the last transaction, and a
// silent loss where a bit has gone bad before others that were committed later. That is told here as `corrupt`, with
// the number of the frame, and nothing is changed. Damage in the last two transactions can look like a torn one.
//
// For files that are written with Durability::full, and only while nobody has them open. No log: nothing to find.
[[nodiscard]] Result<void> checkLog(const std::string& path);

}  // namespace qpq::sql
