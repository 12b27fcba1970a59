#include "sql/rows.h"

#include "sql/connection.h"

namespace qpq::sql {

Rows::Rows(Rows&& other) noexcept
    : connection_(other.connection_), prepared_(std::exchange(other.prepared_, nullptr)), onRow_(other.onRow_) {}

Result<bool> Rows::next() {
  if (prepared_ == nullptr) return false;  // stepping on would start the statement anew
  int code = sqlite3_step(prepared_->handle);
  onRow_ = code == SQLITE_ROW;
  if (onRow_) return true;
  Result<bool> result = false;
  if (code != SQLITE_DONE) result = std::unexpected(connection_->error(code, prepared_->sql));
  end();
  return result;
}

void Rows::end() {
  if (prepared_ == nullptr) return;
  sqlite3_reset(prepared_->handle);
  sqlite3_clear_bindings(prepared_->handle);
  prepared_->running = false;
  --connection_->rowsRunning;
  prepared_ = nullptr;
}

Result<bool> Rows::isNull(int index) const { return TRY(typeOf(index)) == SQLITE_NULL; }

Result<int64_t> Rows::integer(int index) const {
  if (TRY(typeOf(index)) != SQLITE_INTEGER) return refuse(Error::Code::mismatch, "not an integer");
  return sqlite3_column_int64(prepared_->handle, index);
}

Result<std::string_view> Rows::text(int index) const {
  if (TRY(typeOf(index)) != SQLITE_TEXT) return refuse(Error::Code::mismatch, "not a text");
  const unsigned char* start = sqlite3_column_text(prepared_->handle, index);
  if (start == nullptr) return refuse(Error::Code::outOfMemory, "reading a text");
  return asText({start, static_cast<std::size_t>(sqlite3_column_bytes(prepared_->handle, index))});
}

Result<ByteView> Rows::blob(int index) const {
  if (TRY(typeOf(index)) != SQLITE_BLOB) return refuse(Error::Code::mismatch, "not a blob");
  const void* start = sqlite3_column_blob(prepared_->handle, index);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(prepared_->handle, index));
  if (size == 0) return ByteView();  // SQLite gives no pointer for an empty blob
  if (start == nullptr) return refuse(Error::Code::outOfMemory, "reading a blob");
  return ByteView(static_cast<const uint8_t*>(start), size);
}

Result<int> Rows::typeOf(int index) const {
  if (prepared_ == nullptr || !onRow_) return refuse(Error::Code::misuse, "there is no row to read");
  if (index < 0 || index >= sqlite3_column_count(prepared_->handle)) {
    return refuse(Error::Code::misuse, "there is no such column");
  }
  return sqlite3_column_type(prepared_->handle, index);
}

Result<void> Rows::expectColumns(int count) const {
  if (prepared_ == nullptr || !onRow_) return refuse(Error::Code::misuse, "there is no row to read");
  if (sqlite3_column_count(prepared_->handle) != count) return refuse(Error::Code::misuse, "another number of columns");
  return {};
}

}  // namespace qpq::sql
