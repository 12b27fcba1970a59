#pragma once

#include <memory>
#include <string>

#include "server/store/connection.h"
#include "sql/database.h"

namespace qpq::server::store::sqlite {

// The two ways into a SQLCipher file that a server works with: its writer's and its readers'. Brought to this program's
// tables. Errors are those of sql: an operator reads them.
struct Opened {
  std::unique_ptr<store::Connection> write;
  std::unique_ptr<store::Connection> read;
};
[[nodiscard]] sql::Result<Opened> open(const std::string& path, const sql::Key& key, sql::Options options = {});
// One more to read with, of a store that is open.
[[nodiscard]] sql::Result<std::unique_ptr<store::Connection>> openReader(const std::string& path, const sql::Key& key,
                                                                         sql::Options options = {});

}  // namespace qpq::server::store::sqlite
