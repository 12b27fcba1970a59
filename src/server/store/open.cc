#include "server/store/open.h"

#include "server/store/schema.h"

namespace qpq::server::store {

sql::Result<Opened> open(const std::string& path, const sql::Key& key, sql::Options options) {
  sql::Database write = TRY(sql::Database::open(path, key, options));
  TRY(migrate(write));
  options.access = sql::Access::readOnly;
  sql::Database read = TRY(sql::Database::open(path, key, options));
  return Opened{std::move(write), std::move(read)};
}

}  // namespace qpq::server::store
