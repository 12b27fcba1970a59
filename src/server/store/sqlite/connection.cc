#include "server/store/sqlite/connection.h"

namespace qpq::server::store::sqlite {

Result<void> Connection::open(Kind kind) {
  using Mode = sql::Transaction::Kind;
  transaction_.emplace(TRY(sql::Transaction::begin(database_, kind == Kind::write ? Mode::write : Mode::read)));
  return {};
}

Result<void> Connection::commit() {
  auto committed = transaction_->commit();
  transaction_.reset();
  if (committed) return {};
  // The disk failed on the way: the log may hold the transaction whole though its sync failed (sql/transaction.h).
  if (committed.error().code == sql::Error::Code::io) {
    return std::unexpected(Error(Error::Code::ambiguous, std::move(committed).error().text));
  }
  return std::unexpected(Error(committed.error()));
}

}  // namespace qpq::server::store::sqlite
