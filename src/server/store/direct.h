#pragma once

#include <optional>

#include "server/store/logs.h"
#include "sql/database.h"

namespace qpq::server::store {

// Which log a pair of accounts talks in. Shard key: pair.
class Direct {
 public:
  explicit Direct(sql::Database& database): database_(database) {}

  [[nodiscard]] sql::Result<std::optional<LogId>> find(const Pair& pair);
  [[nodiscard]] sql::Result<void> put(const Pair& pair, const LogId& log);

 private:
  sql::Database& database_;
};

}  // namespace qpq::server::store
