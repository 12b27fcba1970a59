#include "client/store/group_records.h"

namespace qpq::client::store {

Result<std::vector<mls::Record>> GroupRecords::read(const LogId& log) {
  std::vector<mls::Record> records;
  sql::Rows rows = TRY(database_.query("SELECT key, value FROM group_record WHERE log = ? ORDER BY key", log));
  while (TRY(rows.next())) {
    auto [key, value] = TRY(rows.read<Bytes, SecretBytes>());
    records.push_back({std::move(key), std::move(value)});
  }
  return records;
}

Result<void> GroupRecords::apply(const LogId& log, const mls::Delta& delta) {
  for (const mls::RecordChange& change : delta) {
    if (change.value) {
      TRY(
          database_.execute("INSERT INTO group_record (log, key, value) VALUES (?, ?, ?) "
                            "ON CONFLICT (log, key) DO UPDATE SET value = excluded.value",
                            log, ByteView(change.key), *change.value));
    } else {
      TRY(database_.execute("DELETE FROM group_record WHERE log = ? AND key = ?", log, ByteView(change.key)));
    }
  }
  return {};
}

Result<void> GroupRecords::forget(const LogId& log) {
  TRY(database_.execute("DELETE FROM group_record WHERE log = ?", log));
  return {};
}

}  // namespace qpq::client::store
