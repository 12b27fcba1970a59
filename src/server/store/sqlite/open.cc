#include "server/store/sqlite/open.h"

#include "server/store/sqlite/schema.h"
#include "sql/log_damage.h"

namespace qpq::server::store {

sql::Result<Opened> open(const std::string& path, const sql::Key& key, sql::Options options) {
  if (options.vfs.empty()) TRY(sql::checkLog(path));
  sql::Database write = TRY(sql::Database::open(path, key, options));
  TRY(migrate(write));
  sql::Database read = TRY(openReader(path, key, options));
  return Opened{std::move(write), std::move(read)};
}

sql::Result<sql::Database> openReader(const std::string& path, const sql::Key& key, sql::Options options) {
  options.access = sql::Access::readOnly;
  return sql::Database::open(path, key, options);
}

}  // namespace qpq::server::store
