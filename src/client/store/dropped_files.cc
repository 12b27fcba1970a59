#include "client/store/dropped_files.h"

namespace qpq::client::store {

Result<bool> DroppedFiles::has(const LogId& log, const EntryId& message) {
  auto row =
      TRY(database_.one<uint64_t>("SELECT count(*) FROM dropped_file WHERE log = ? AND entry = ?", log, message));
  return row.value_or(0) != 0;
}

Result<void> DroppedFiles::put(const LogId& log, const EntryId& message) {
  TRY(database_.execute("INSERT INTO dropped_file (log, entry) VALUES (?, ?) ON CONFLICT (log, entry) DO NOTHING", log,
                        message));
  return {};
}

}  // namespace qpq::client::store
