#include "client/store/unconfirmed.h"

namespace qpq::client::store {

Result<void> Unconfirmed::markAll(Instant now) {
  TRY(database_.execute(
      "INSERT OR IGNORE INTO unconfirmed (log, since_ms) SELECT log, ? FROM conversation WHERE seq > 0", now.unixMs));
  return {};
}

Result<std::vector<LogId>> Unconfirmed::all() {
  sql::Rows rows = TRY(database_.query("SELECT log FROM unconfirmed ORDER BY id"));
  std::vector<LogId> logs;
  while (TRY(rows.next())) logs.push_back(TRY(rows.read<LogId>()));
  return logs;
}

Result<std::optional<Instant>> Unconfirmed::since(const LogId& log) {
  auto row = TRY(database_.one<uint64_t>("SELECT since_ms FROM unconfirmed WHERE log = ?", log));
  return row ? std::optional(Instant{*row}) : std::nullopt;
}

Result<void> Unconfirmed::confirm(const LogId& log) {
  TRY(database_.execute("DELETE FROM unconfirmed WHERE log = ?", log));
  return {};
}

}  // namespace qpq::client::store
