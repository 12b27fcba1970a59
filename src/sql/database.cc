#include "sql/database.h"

#include <sys/stat.h>

#include <cerrno>
#include <system_error>
#include <utility>

#include "sql/connection.h"
#include "sql/limits.h"

namespace qpq::sql {

namespace {

Result<void> refuseSpecialPath(const std::string& path) {
  // To SQLite an empty path is a temporary file and ":memory:" none at all: neither would keep anything.
  if (path.empty() || path == ":memory:" || path.contains('\0')) {
    return refuse(Error::Code::misuse, "this path names no file");
  }
  return {};
}

// Two libraries export sqlite3_*; a plugin or a linker flag can put the one that writes plaintext first.
Result<void> requireCipher() {
  if (sqlite3_compileoption_used("HAS_CODEC") == 0) {
    return refuse(Error::Code::notEncrypted, "another SQLite was loaded before SQLCipher");
  }
  return {};
}

// SQLite would create the file readable for all; the log files take over the mode they find. mknod and not open:
// closing a descriptor drops every POSIX lock this process holds on the file, those of its other connections too.
Result<void> createPrivately(const std::string& path) {
  if (::mknod(path.c_str(), S_IFREG | S_IRUSR | S_IWUSR, 0) == 0 || errno == EEXIST) return {};
  return refuse(Error::Code::cannotOpen, std::generic_category().message(errno) + " (" + path + ")");
}

Result<std::unique_ptr<Connection>> connect(const std::string& path, const Options& options) {
  auto connection = std::make_unique<Connection>();
  int flags = options.access == Access::readOnly ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
  int code = sqlite3_open_v2(path.c_str(), &connection->handle, flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE,
                             options.vfs.empty() ? nullptr : options.vfs.c_str());
  if (connection->handle == nullptr) return refuse(Error::Code::outOfMemory, "opening a database");
  if (code != SQLITE_OK) return std::unexpected(connection->error(code, path));
  sqlite3_busy_timeout(connection->handle, static_cast<int>(options.busyTimeoutMs));
  return connection;
}

Result<void> applyKey(Connection& connection, const Key& key) {
  if (TRY(connection.ask("PRAGMA cipher_version")).empty()) {
    return refuse(Error::Code::notEncrypted, "SQLCipher does not give its version");
  }
  // The x'…' form is the key itself; anything else would be a passphrase, stretched for a quarter of a second.
  static constexpr std::string_view kDigits = "0123456789abcdef";
  Secret<2 * 32 + 3> quoted;
  auto out = quoted.writable().begin();
  *out++ = 'x';
  *out++ = '\'';
  for (uint8_t byte : key.expose()) {
    *out++ = static_cast<uint8_t>(kDigits[byte >> 4]);
    *out++ = static_cast<uint8_t>(kDigits[byte & 15]);
  }
  *out = '\'';
  int code =
      sqlite3_key_v2(connection.handle, "main", quoted.expose().data(), static_cast<int>(quoted.expose().size()));
  if (code != SQLITE_OK) return std::unexpected(connection.error(code, "key"));
  // Otherwise a wrong key or a damaged page would be told on our stderr, too. The setting is the process's, and the
  // first key of a process sets it back: so after the key, each time.
  return connection.run("PRAGMA cipher_log_level=NONE");
}

// What holds for every connection: rules between tables enforced, no schema that runs code, no "name" silently taken
// for a string, no value too big for the machine. Reads nothing from the file.
void harden(sqlite3* handle) {
  sqlite3_db_config(handle, SQLITE_DBCONFIG_ENABLE_FKEY, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, nullptr);
  sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, nullptr);
  sqlite3_limit(handle, SQLITE_LIMIT_LENGTH, static_cast<int>(kValueBytesMax));
}

// The first read, which proves the key. Without shared memory the exclusive lock must come before it.
Result<void> firstRead(Connection& connection, Locking locking) {
  if (locking == Locking::exclusive) TRY(connection.run("PRAGMA locking_mode=EXCLUSIVE"));
  return connection.run("SELECT count(*) FROM sqlite_schema");
}

// No plaintext left behind in free pages or temporary files.
Result<void> tune(Connection& connection, const Options& options) {
  TRY(connection.run("PRAGMA secure_delete=ON; PRAGMA temp_store=MEMORY"));
  return connection.run("PRAGMA cache_size=-" + std::to_string(options.cacheKiBMax));
}

// To turn its log on, a new file is needed alone for a moment, and SQLite's own patience does not cover every step of
// that: so it is ours alone, about as long.
Result<std::string> turnLogOn(Connection& connection, uint32_t busyTimeoutMs) {
  sqlite3_busy_timeout(connection.handle, 0);
  auto mode = connection.ask("PRAGMA journal_mode=WAL");
  for (uint32_t waitedMs = 0; !mode && mode.error().code == Error::Code::busy && waitedMs < busyTimeoutMs; ++waitedMs) {
    sqlite3_sleep(1);
    mode = connection.ask("PRAGMA journal_mode=WAL");
  }
  sqlite3_busy_timeout(connection.handle, static_cast<int>(busyTimeoutMs));
  return mode;
}

Result<void> startLog(Connection& connection, const Options& options) {
  if (TRY(turnLogOn(connection, options.busyTimeoutMs)) != "wal") {
    return refuse(Error::Code::cannotOpen, "this file layer has no shared memory: lock exclusively");
  }
  TRY(connection.run("PRAGMA journal_size_limit=" + std::to_string(kLogBytesKept)));
  return connection.run(options.durability == Durability::full ? "PRAGMA synchronous=FULL"
                                                               : "PRAGMA synchronous=NORMAL");
}

// An empty view may have no pointer, and SQLite takes a null pointer for NULL.
int bindCell(sqlite3_stmt* statement, int index, const Value::Cell& cell, sqlite3_destructor_type lifetime) {
  if (const auto* number = std::get_if<int64_t>(&cell)) return sqlite3_bind_int64(statement, index, *number);
  if (const auto* text = std::get_if<std::string_view>(&cell)) {
    return sqlite3_bind_text64(statement, index, text->empty() ? "" : text->data(), text->size(), lifetime,
                               SQLITE_UTF8);
  }
  if (const auto* blob = std::get_if<ByteView>(&cell)) {
    if (blob->empty()) return sqlite3_bind_zeroblob(statement, index, 0);
    return sqlite3_bind_blob64(statement, index, blob->data(), blob->size(), lifetime);
  }
  return sqlite3_bind_null(statement, index);
}

}  // namespace

Result<Database> Database::open(const std::string& path, const Key& key, const Options& options) {
  TRY(refuseSpecialPath(path));
  TRY(requireCipher());
  if (options.access == Access::readWrite && options.vfs.empty()) TRY(createPrivately(path));
  auto connection = TRY(connect(path, options));
  TRY(applyKey(*connection, key));
  harden(connection->handle);
  TRY(firstRead(*connection, options.locking));
  TRY(tune(*connection, options));
  if (options.access == Access::readWrite) TRY(startLog(*connection, options));
  return Database(std::move(connection));
}

Result<Database> Database::inMemory() {
  auto connection = TRY(connect(":memory:", {}));
  harden(connection->handle);
  TRY(tune(*connection, {}));
  return Database(std::move(connection));
}

Database::Database(std::unique_ptr<Connection> connection): connection_(std::move(connection)) {}
Database::Database(Database&&) noexcept = default;
Database& Database::operator=(Database&&) noexcept = default;
Database::~Database() = default;

Result<uint64_t> Database::change(Sql sql, std::span<const Value> values) {
  Prepared& prepared = *TRY(connection_->prepare(sql));
  // BEGIN, COMMIT and ATTACH write nothing by themselves, and end here.
  if (sqlite3_column_count(prepared.handle) != 0 || sqlite3_stmt_readonly(prepared.handle) != 0) {
    return refuse(Error::Code::misuse, "execute is for statements that write and return no rows");
  }
  Rows rows = TRY(bound(prepared, values, Lifetime::borrowed));
  int64_t before = sqlite3_total_changes64(connection_->handle);
  TRY(rows.next());
  // A statement that can change no rows (CREATE) would leave the count of the one before it.
  if (sqlite3_total_changes64(connection_->handle) == before) return 0;
  return static_cast<uint64_t>(sqlite3_changes64(connection_->handle));
}

Result<Rows> Database::start(Sql sql, std::span<const Value> values, Lifetime lifetime) {
  Prepared& prepared = *TRY(connection_->prepare(sql));
  if (sqlite3_column_count(prepared.handle) == 0) {
    return refuse(Error::Code::misuse, "this statement returns no rows: use execute");
  }
  // Alone it would commit when its rows are dropped, where nobody hears of a failure.
  if (sqlite3_stmt_readonly(prepared.handle) == 0 && connection_->transaction != Connection::Open::write) {
    return refuse(Error::Code::misuse, "a statement that writes and returns rows needs a transaction");
  }
  return bound(prepared, values, lifetime);
}

Result<Rows> Database::bound(Prepared& prepared, std::span<const Value> values, Lifetime lifetime) {
  TRY(connection_->admit(prepared));
  if (sqlite3_bind_parameter_count(prepared.handle) != static_cast<int>(values.size())) {
    return refuse(Error::Code::misuse, "another number of values than places for them");
  }
  prepared.running = true;
  ++connection_->rowsRunning;
  Rows rows(*connection_, prepared);  // from here on it forgets the values, whatever happens
  for (std::size_t i = 0; i < values.size(); ++i) {
    int code = bindCell(prepared.handle, static_cast<int>(i) + 1, values[i].cell(),
                        lifetime == Lifetime::borrowed ? SQLITE_STATIC : SQLITE_TRANSIENT);
    if (code != SQLITE_OK) return std::unexpected(connection_->error(code, prepared.sql));
  }
  return rows;
}

}  // namespace qpq::sql
