#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>

#include "base/secret.h"
#include "sql/error.h"
#include "sql/rows.h"
#include "sql/value.h"

namespace qpq::sql {

using Key = Secret<32>;  // the raw key of a file: random, never a password

enum class Access { readWrite, readOnly };
enum class Durability {
  full,    // a commit is on the disk when commit() returns
  normal,  // the last commits may be gone after a power cut, the file stays whole: for caches
};
enum class Locking {
  shared,
  exclusive,  // one connection alone, no shared memory: for file layers that have none
};

struct Options {
  Access access = Access::readWrite;
  Durability durability = Durability::full;
  Locking locking = Locking::shared;
  uint32_t cacheKiBMax = 65'536;  // decrypted pages kept; SQLCipher decrypts on every miss, so a small cache is slow
  uint32_t busyTimeoutMs = 5'000;
  std::string vfs;  // a registered SQLite file layer; empty for the system's
};

// One connection to one encrypted file. May move between threads, never be used by two at once; readers beside a
// writer are connections of their own. The file is in WAL mode with foreign keys enforced and deleted rows overwritten.
//
//   Database database = TRY(Database::open(path, key));
//   TRY(database.execute("INSERT INTO entry (log, seq, envelope) VALUES (?, ?, ?)", log, seq, envelope));
//   auto head = TRY(database.one<uint64_t, Hash>("SELECT seq, head FROM log WHERE id = ?", log));
//   Rows rows = TRY(database.query("SELECT seq, envelope FROM entry WHERE log = ? ORDER BY seq", log));
//   while (TRY(rows.next())) {
//     auto [seq, envelope] = TRY(rows.read<uint64_t, Bytes>());
//   }
class Database {
 public:
  // Opens the file, or creates it (mode 0600, log files alike) if it may be written; a named vfs makes its own files.
  // Errors: wrongKey, cannotOpen, busy, notEncrypted, corrupt, full, io. A wrong key changes nothing in the file.
  [[nodiscard]] static Result<Database> open(const std::string& path, const Key& key, const Options& options = {});
  // Unencrypted, in memory, gone with the object: for tests. open() refuses the path ":memory:".
  [[nodiscard]] static Result<Database> inMemory();

  Database(Database&&) noexcept;
  Database& operator=(Database&&) noexcept;
  ~Database();

  // Runs a statement that writes and returns no rows; gives the number of rows it changed. Values stand for the `?` in
  // order and are forgotten afterwards. Outside a Transaction it is one by itself, `io` included (transaction.h).
  template <class... B>
  [[nodiscard]] Result<uint64_t> execute(Sql sql, const B&... values) {
    return change(sql, std::array<Value, sizeof...(B)>{Value(values)...});
  }

  // The one row of a query, or nothing. A second row is misuse.
  // A statement that both writes and returns rows (RETURNING) needs a Transaction, in one() as in query().
  template <class... T, class... B>
  [[nodiscard]] Result<std::optional<RowOf<T...>>> one(Sql sql, const B&... values) {
    static_assert(!(kIsView<T> || ...), "the row ends here: read an owning type");
    Rows rows = TRY(start(sql, std::array<Value, sizeof...(B)>{Value(values)...}, Lifetime::borrowed));
    if (!TRY(rows.next())) return std::optional<RowOf<T...>>();
    std::optional<RowOf<T...>> row(TRY(rows.read<T...>()));
    if (TRY(rows.next())) return refuse(Error::Code::misuse, "one row was asked for and there are more");
    return row;
  }

  // The rows of a query, which keeps copies of the values. A text can run once at a time.
  template <class... B>
  [[nodiscard]] Result<Rows> query(Sql sql, const B&... values) {
    static_assert(!(kIsSecret<B> || ...), "the copy would not be wiped: bind secrets in execute() or one()");
    return start(sql, std::array<Value, sizeof...(B)>{Value(values)...}, Lifetime::copied);
  }

  Connection& connection() const { return *connection_; }  // for the rest of this room

 private:
  enum class Lifetime { borrowed, copied };
  explicit Database(std::unique_ptr<Connection> connection);
  Result<uint64_t> change(Sql sql, std::span<const Value> values);
  Result<Rows> start(Sql sql, std::span<const Value> values, Lifetime lifetime);
  Result<Rows> bound(Prepared& prepared, std::span<const Value> values, Lifetime lifetime);

  std::unique_ptr<Connection> connection_;
};

}  // namespace qpq::sql
