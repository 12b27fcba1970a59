#pragma once

#include "server/store/error.h"
#include "server/store/tables.h"

namespace qpq::server::store {

class Connection;

// All or nothing, and alone as far as it can see: it reads what was committed before it began and what it has written
// itself. Given up by its destructor unless it was committed. Whoever meets an error gives it up.
//
//   Transaction transaction = TRY(connection.write());
//   TRY(transaction.tables().logs.add(log, nowMs));
//   TRY(transaction.commit());
class Transaction {
 public:
  Transaction(Transaction&& other) noexcept: connection_(std::exchange(other.connection_, nullptr)) {}
  Transaction& operator=(Transaction&&) = delete;
  ~Transaction();

  Tables& tables();
  // Durable on success. `ambiguous`: operations are idempotent by key, so whoever asks again finds out what has
  // happened or makes it happen. In every case the transaction is over.
  [[nodiscard]] Result<void> commit();

 private:
  friend class Connection;
  explicit Transaction(Connection& connection): connection_(&connection) {}
  Connection* connection_;  // null once it is over
};

// One way into a store: what an engine is. Used by one thread at a time, for one transaction at a time; outlives them.
// A server has one to write with and one to read with for each loop.
class Connection {
 public:
  virtual ~Connection() = default;

  [[nodiscard]] Result<Transaction> write() { return begin(Kind::write); }
  // One unchanging view, beside whoever writes. Operations that write fail.
  [[nodiscard]] Result<Transaction> read() { return begin(Kind::read); }

 protected:
  enum class Kind { write, read };

 private:
  friend class Transaction;
  Result<Transaction> begin(Kind kind);

  // For engines. One inside another is refused as `failed`.
  virtual Result<void> open(Kind kind) = 0;
  virtual Tables& tables() = 0;
  virtual Result<void> commit() = 0;  // ends it in every case
  virtual void giveUp() noexcept = 0;
};

}  // namespace qpq::server::store
