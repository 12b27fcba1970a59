#pragma once

#include <cstdint>
#include <span>

#include "sql/database.h"
#include "sql/error.h"
#include "sql/value.h"

namespace qpq::sql {

// The tables of one kind of file, told as history by the room that owns them.
struct Schema {
  uint32_t applicationId;      // tells our kinds of file apart; not zero, and below 2^31
  std::span<const Sql> steps;  // step i leads from version i to i + 1; a step that has shipped is never edited.
                               // A step may hold several statements.
};

// Brings the file to the last version: each step is one transaction together with its version number, so a crash leaves
// a whole version. A current file is only read. Errors: newerSchema, otherApplication, readOnly (old file, read-only
// connection), misuse (a step's SQL), and those of any transaction.
[[nodiscard]] Result<void> migrate(Database& database, const Schema& schema);

}  // namespace qpq::sql
