#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "client/store/failure.h"
#include "sql/database.h"

namespace qpq::client::store {

// Logs that have been read here and may have lost entries with the server: until it has said where they stand.
class Unconfirmed {
 public:
  explicit Unconfirmed(sql::Database& database): database_(database) {}

  // The server was restored: every log of which something has been read.
  [[nodiscard]] Result<void> markAll(Instant now);
  [[nodiscard]] Result<std::vector<LogId>> all();
  [[nodiscard]] Result<std::optional<Instant>> since(const LogId& log);
  [[nodiscard]] Result<void> confirm(const LogId& log);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
