#include "server/store/rights.h"

namespace qpq::server::store {

sql::Result<std::optional<wire::Rights>> RightsTable::find(LogKey log, const wire::RosterEntry& device) {
  auto row = TRY((database_.one<uint64_t, std::optional<uint64_t>>(
      "SELECT first, last FROM rights WHERE log = ? AND account = ? AND device = ?", log, device.account,
      device.device)));
  if (!row) return std::nullopt;
  return wire::Rights{std::get<0>(*row), std::get<1>(*row)};
}

sql::Result<bool> RightsTable::holdsAccount(LogKey log, const AccountId& account) {
  auto row = TRY(database_.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM rights WHERE log = ? AND account = ? AND last IS NULL)", log, account));
  return row.value_or(false);
}

sql::Result<wire::Roster> RightsTable::roster(const Log& log) {
  sql::Rows rows = TRY(database_.query("SELECT account, device FROM rights WHERE log = ? AND last IS NULL", log.key));
  std::vector<wire::RosterEntry> entries;
  while (TRY(rows.next())) {
    auto [account, device] = TRY(rows.read<AccountId, DeviceId>());
    entries.push_back({account, device});
  }
  return wire::Roster{log.id, wire::Sorted<wire::RosterEntry>(std::move(entries))};
}

sql::Result<void> RightsTable::put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights) {
  TRY(
      database_.execute("INSERT INTO rights (log, account, device, first, last, acked) VALUES (?, ?, ?, ?, ?, 0) "
                        "ON CONFLICT (log, account, device) DO UPDATE SET last = excluded.last, "
                        "acked = CASE WHEN first = excluded.first THEN acked ELSE 0 END, first = excluded.first",
                        log, device.account, device.device, rights.begin, rights.end));
  return {};
}

sql::Result<bool> RightsTable::acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq) {
  uint64_t changed =
      TRY(database_.execute("UPDATE rights SET acked = ?4 WHERE log = ?1 AND account = ?2 AND "
                            "device = ?3 AND last IS NULL AND acked < ?4 AND first <= ?4",
                            log, device.account, device.device, seq));
  return changed != 0;
}

sql::Result<std::optional<uint64_t>> RightsTable::firstNeeded(LogKey log) {
  auto row = TRY(database_.one<std::optional<uint64_t>>(
      "SELECT MIN(MAX(acked + 1, first)) FROM rights WHERE log = ? AND last IS NULL", log));
  return row ? *row : std::nullopt;
}

}  // namespace qpq::server::store
