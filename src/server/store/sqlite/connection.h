#pragma once

#include <optional>

#include "server/store/connection.h"
#include "server/store/sqlite/nouns.h"
#include "sql/database.h"
#include "sql/transaction.h"

namespace qpq::server::store::sqlite {

// One connection to a SQLCipher file that has this program's tables (schema.h).
class Connection final: public store::Connection {
 public:
  explicit Connection(sql::Database database): database_(std::move(database)), nouns_(database_) {}

 private:
  Result<void> open(Kind kind) override;
  Tables& tables() override { return nouns_.tables; }
  Result<void> commit() override;
  void giveUp() noexcept override { transaction_.reset(); }

  sql::Database database_;
  Nouns nouns_;
  std::optional<sql::Transaction> transaction_;  // dies before the database
};

}  // namespace qpq::server::store::sqlite
