#pragma once

#include "sql/database.h"
#include "sql/error.h"

namespace qpq::sql {

// All or nothing. Rolls back in its destructor unless committed. One at a time per Database; must die before it.
//
//   Transaction transaction = TRY(Transaction::begin(database));
//   TRY(database.execute(…));
//   TRY(transaction.commit());
//
// Some errors (full, io, outOfMemory) make SQLite give up the whole transaction at once. Statements after that are
// refused with rolledBack: they would otherwise each become durable alone.
class Transaction {
 public:
  enum class Kind {
    write,  // takes the write lock at once, so that it cannot fail halfway as busy
    read,   // one unchanging view from the first read on; statements that write are misuse
  };
  [[nodiscard]] static Result<Transaction> begin(Database& database, Kind kind = Kind::write);

  Transaction(Transaction&& other) noexcept;
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  // On success the transaction is durable (with Durability::full). On any error it is over and this process no longer
  // sees it. After `io` it may still come back: the log may hold it complete though the sync failed, and the next start
  // after a crash will then find it. So `io` means "unknown", and whoever retries must be idempotent.
  // Unfinished Rows are misuse and leave the transaction as it was.
  [[nodiscard]] Result<void> commit();

 private:
  explicit Transaction(Connection& connection): connection_(&connection) {}
  void rollBack();
  Connection* connection_;  // null once it is over
};

}  // namespace qpq::sql
