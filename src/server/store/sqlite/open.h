#pragma once

#include <string>

#include "sql/database.h"

namespace qpq::server::store {

// The two connections a server works with: its writer's and its readers'. Brought to this program's tables.
struct Opened {
  sql::Database write;
  sql::Database read;
};
[[nodiscard]] sql::Result<Opened> open(const std::string& path, const sql::Key& key, sql::Options options = {});
// One more to read with, of a store that is open.
[[nodiscard]] sql::Result<sql::Database> openReader(const std::string& path, const sql::Key& key,
                                                    sql::Options options = {});

}  // namespace qpq::server::store
