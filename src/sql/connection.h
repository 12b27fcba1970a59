#pragma once

// The inside of the room: the only header that names SQLCipher. Other rooms include database.h.

#define SQLITE_HAS_CODEC 1  // declares sqlite3_key_v2
#include <sqlcipher/sqlite3.h>

#include <string>
#include <string_view>
#include <unordered_map>

#include "sql/error.h"
#include "sql/transaction.h"
#include "sql/value.h"

namespace qpq::sql {

struct Prepared {
  sqlite3_stmt* handle = nullptr;
  std::string_view sql;
  bool running = false;  // some Rows steps through it
};

struct Connection {
  Connection() = default;
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  // The statement of this text, compiled at its first use. Texts are literals, so the program bounds their number.
  Result<Prepared*> prepare(Sql sql);
  // Whether a statement may run here and now: see the two guards in connection.cc.
  Result<void> admit(const Prepared& prepared) const;
  // Runs SQL without values and throws its rows away; for the room's own texts and for migrations.
  Result<void> run(const std::string& sql);
  // The first column of the one row, as text.
  Result<std::string> ask(const char* sql);

  bool inTransaction() const { return sqlite3_get_autocommit(handle) == 0; }
  // `detail` replaces SQLite's words for the code.
  Error error(int sqliteCode, std::string_view where, std::string_view detail = {}) const;

  sqlite3* handle = nullptr;
  enum class Open { none, read, write };
  Open transaction = Open::none;  // what a Transaction has begun; SQLite may have given it up since
  int rowsRunning = 0;
  std::unordered_map<std::string_view, Prepared> statements;
};

}  // namespace qpq::sql
