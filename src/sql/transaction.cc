#include "sql/transaction.h"

#include <utility>

#include "base/try.h"
#include "sql/connection.h"

namespace qpq::sql {

Result<Transaction> Transaction::begin(Database& database, Kind kind) {
  Connection& connection = database.connection();
  if (connection.transaction != Connection::Open::none || connection.inTransaction()) {
    return refuse(Error::Code::misuse, "a transaction inside a transaction");
  }
  TRY(connection.run(kind == Kind::write ? "BEGIN IMMEDIATE" : "BEGIN"));
  connection.transaction = kind == Kind::write ? Connection::Open::write : Connection::Open::read;
  return Transaction(connection);
}

Transaction::Transaction(Transaction&& other) noexcept: connection_(std::exchange(other.connection_, nullptr)) {}

Transaction::~Transaction() {
  if (connection_ != nullptr) rollBack();
}

Result<void> Transaction::commit() {
  if (connection_ == nullptr) return refuse(Error::Code::misuse, "a transaction ends once");
  if (!connection_->inTransaction()) {
    rollBack();
    return refuse(Error::Code::rolledBack, "an earlier statement failed");
  }
  if (connection_->rowsRunning > 0) return refuse(Error::Code::misuse, "commit while a query still has rows");
  auto committed = connection_->run("COMMIT");
  rollBack();
  return committed;
}

// Ends the transaction in every case: after a commit there is nothing left to undo, after a failed one there may be.
void Transaction::rollBack() {
  // Cannot fail in a way that keeps changes: at worst the connection refuses everything until it is closed.
  if (connection_->inTransaction()) sqlite3_exec(connection_->handle, "ROLLBACK", nullptr, nullptr, nullptr);
  connection_->transaction = Connection::Open::none;
  connection_ = nullptr;
}

}  // namespace qpq::sql
