#pragma once

#include "sql/database.h"

namespace qpq::server::store::sqlite {

// Brings the file to this program's tables. Errors: those of sql, newerSchema and otherApplication among them.
[[nodiscard]] sql::Result<void> migrate(sql::Database& database);

}  // namespace qpq::server::store::sqlite
