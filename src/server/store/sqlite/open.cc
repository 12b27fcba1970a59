#include "server/store/sqlite/open.h"

#include "server/store/sqlite/connection.h"
#include "server/store/sqlite/schema.h"
#include "sql/log_damage.h"

namespace qpq::server::store::sqlite {

sql::Result<Opened> open(const std::string& path, const sql::Key& key, sql::Options options) {
  if (options.vfs.empty()) TRY(sql::checkLog(path));
  sql::Database write = TRY(sql::Database::open(path, key, options));
  TRY(migrate(write));
  auto read = TRY(openReader(path, key, options));
  return Opened{std::make_unique<Connection>(std::move(write)), std::move(read)};
}

sql::Result<std::unique_ptr<store::Connection>> openReader(const std::string& path, const sql::Key& key,
                                                           sql::Options options) {
  options.access = sql::Access::readOnly;
  return std::make_unique<Connection>(TRY(sql::Database::open(path, key, options)));
}

}  // namespace qpq::server::store::sqlite
