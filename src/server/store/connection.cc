#include "server/store/connection.h"

#include <utility>

#include "base/try.h"

namespace qpq::server::store {

Transaction::~Transaction() {
  if (connection_ != nullptr) connection_->giveUp();
}

Tables& Transaction::tables() { return connection_->tables(); }

Result<void> Transaction::commit() { return std::exchange(connection_, nullptr)->commit(); }

Result<Transaction> Connection::begin(Kind kind) {
  TRY(open(kind));
  return Transaction(*this);
}

}  // namespace qpq::server::store
