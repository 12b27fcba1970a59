#pragma once

#include "base/ids.h"
#include "client/store/failure.h"
#include "sql/database.h"

namespace qpq::client::store {

// Own messages whose file the server was told to forget: it has it no longer.
class DroppedFiles {
 public:
  explicit DroppedFiles(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<bool> has(const LogId& log, const EntryId& message);
  [[nodiscard]] Result<void> put(const LogId& log, const EntryId& message);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
