#include "client/store/unconfirmed.h"

namespace qpq::client::store {

Result<void> Unconfirmed::markAll() {
  TRY(database_.execute("INSERT OR IGNORE INTO unconfirmed (log) SELECT log FROM conversation WHERE seq > 0"));
  return {};
}

Result<std::vector<LogId>> Unconfirmed::all() {
  sql::Rows rows = TRY(database_.query("SELECT log FROM unconfirmed ORDER BY id"));
  std::vector<LogId> logs;
  while (TRY(rows.next())) logs.push_back(TRY(rows.read<LogId>()));
  return logs;
}

Result<void> Unconfirmed::confirm(const LogId& log) {
  TRY(database_.execute("DELETE FROM unconfirmed WHERE log = ?", log));
  return {};
}

}  // namespace qpq::client::store
