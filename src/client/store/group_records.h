#pragma once

#include <vector>

#include "base/ids.h"
#include "client/store/failure.h"
#include "mls/record.h"
#include "sql/database.h"

namespace qpq::client::store {

// MLS state of the conversations, as the groups' deltas leave it.
class GroupRecords {
 public:
  explicit GroupRecords(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<std::vector<mls::Record>> read(const LogId& log);  // ascending by key
  [[nodiscard]] Result<void> apply(const LogId& log, const mls::Delta& delta);
  [[nodiscard]] Result<void> forget(const LogId& log);

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
