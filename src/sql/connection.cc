#include "sql/connection.h"

#include <system_error>

#include "base/try.h"
#include "sql/limits.h"

namespace qpq::sql {

namespace {

Error::Code codeOf(int sqliteCode) {
  if (sqliteCode == SQLITE_CONSTRAINT_UNIQUE || sqliteCode == SQLITE_CONSTRAINT_PRIMARYKEY ||
      sqliteCode == SQLITE_CONSTRAINT_ROWID) {
    return Error::Code::unique;
  }
  if (sqliteCode == SQLITE_IOERR_NOMEM) return Error::Code::outOfMemory;
  switch (sqliteCode & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL: return Error::Code::busy;  // PROTOCOL: lost the race for the log's locks too often
    case SQLITE_NOTADB: return Error::Code::wrongKey;
    case SQLITE_CORRUPT: return Error::Code::corrupt;
    case SQLITE_FULL: return Error::Code::full;
    case SQLITE_IOERR: return Error::Code::io;
    case SQLITE_CANTOPEN:
    case SQLITE_PERM: return Error::Code::cannotOpen;
    case SQLITE_READONLY: return Error::Code::readOnly;
    case SQLITE_CONSTRAINT: return Error::Code::constraint;
    case SQLITE_TOOBIG: return Error::Code::tooBig;
    case SQLITE_ABORT: return Error::Code::rolledBack;  // a query whose transaction was rolled back under it
    case SQLITE_NOMEM: return Error::Code::outOfMemory;
    default: return Error::Code::misuse;
  }
}

}  // namespace

Connection::~Connection() {
  for (auto& [sql, prepared] : statements) sqlite3_finalize(prepared.handle);
  sqlite3_close_v2(handle);
}

Result<Prepared*> Connection::prepare(Sql sql) {
  auto known = statements.find(sql.text());
  if (known != statements.end()) return &known->second;
  Prepared prepared{.sql = sql.text()};
  const char* rest = nullptr;
  int code = sqlite3_prepare_v3(handle, sql.text().data(), static_cast<int>(sql.text().size()),
                                SQLITE_PREPARE_PERSISTENT, &prepared.handle, &rest);
  if (code != SQLITE_OK) return std::unexpected(error(code, sql.text(), sqlite3_errmsg(handle)));
  if (prepared.handle == nullptr || *rest != '\0') {
    sqlite3_finalize(prepared.handle);
    return refuse(Error::Code::misuse, "a text holds exactly one statement, and nothing after it");
  }
  return &statements.emplace(sql.text(), prepared).first->second;
}

Result<void> Connection::admit(const Prepared& prepared) const {
  if (prepared.running) return refuse(Error::Code::misuse, "this statement is still running");
  // Without these two, statements meant to stand or fall together would become durable one by one, or never.
  if (transaction != Open::none && !inTransaction()) {
    return refuse(Error::Code::rolledBack, "an earlier statement failed");
  }
  if (transaction == Open::none && inTransaction()) {
    return refuse(Error::Code::misuse, "a transaction was begun without Transaction");
  }
  if (transaction == Open::read && sqlite3_stmt_readonly(prepared.handle) == 0) {
    return refuse(Error::Code::misuse, "a write in a read transaction");
  }
  return {};
}

Result<void> Connection::run(const std::string& sql) {
  int code = sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code, sql, sqlite3_errmsg(handle)));
  return {};
}

Result<std::string> Connection::ask(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v3(handle, sql, -1, 0, &statement, nullptr);
  if (code != SQLITE_OK) return std::unexpected(error(code, sql));
  std::string answer;
  while ((code = sqlite3_step(statement)) == SQLITE_ROW) {  // to the end: only there does it commit, or fail to
    const unsigned char* text = sqlite3_column_text(statement, 0);
    if (text != nullptr) answer = asText({text, static_cast<std::size_t>(sqlite3_column_bytes(statement, 0))});
  }
  Result<std::string> result = std::move(answer);
  if (code != SQLITE_DONE) result = std::unexpected(error(code, sql));
  sqlite3_finalize(statement);
  return result;
}

// sqlite3_errmsg names the column or the misspelt word, but while a statement runs it can also quote a value (full-text
// queries do). So it is used where there is none: before values are bound, and for constraints, which name names only.
Error Connection::error(int sqliteCode, std::string_view where, std::string_view detail) const {
  Error::Code code = codeOf(sqliteCode);
  if (code == Error::Code::constraint || code == Error::Code::unique) detail = sqlite3_errmsg(handle);
  if (detail.empty()) detail = sqlite3_errstr(sqliteCode);
  std::string text(describe(code));
  text.append(": ").append(detail);
  if (code == Error::Code::io || code == Error::Code::cannotOpen) {
    int cause = sqlite3_system_errno(handle);
    if (cause != 0) text.append(": ").append(std::generic_category().message(cause));
  }
  if (!where.empty()) text.append(" (").append(where.substr(0, kQuotedCharactersMax)).append(")");
  return {code, sqliteCode, std::move(text)};
}

}  // namespace qpq::sql
