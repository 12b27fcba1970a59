#include "server/store/sqlite/nouns.h"

namespace qpq::server::store::sqlite {

Result<std::optional<wire::Rights>> RightsTable::find(LogKey log, const wire::RosterEntry& device) {
  auto row = TRY((database_.one<uint64_t, std::optional<uint64_t>>(
      "SELECT first, last FROM rights WHERE log = ? AND account = ? AND device = ? ORDER BY first DESC LIMIT 1", log,
      device.account, device.device)));
  if (!row) return std::nullopt;
  return wire::Rights{std::get<0>(*row), std::get<1>(*row)};
}

Result<std::optional<RightsTable::Next>> RightsTable::next(LogKey log, const wire::RosterEntry& device,
                                                           uint64_t after) {
  sql::Rows rows = TRY(database_.query(
      "SELECT first, last FROM rights WHERE log = ?1 AND account = ?2 AND device = ?3 AND (last IS NULL OR last > ?4) "
      "ORDER BY first LIMIT 2",
      log, device.account, device.device, after));
  if (!TRY(rows.next())) return std::nullopt;
  auto [first, last] = TRY((rows.read<uint64_t, std::optional<uint64_t>>()));
  bool isLast = !TRY(rows.next());
  return Next{{first, last}, isLast};
}

Result<bool> RightsTable::holdsAccount(LogKey log, const AccountId& account) {
  auto row = TRY(database_.one<bool>(
      "SELECT EXISTS (SELECT 1 FROM rights WHERE log = ? AND account = ? AND last IS NULL)", log, account));
  return row.value_or(false);
}

Result<wire::Roster> RightsTable::roster(const Log& log) {
  sql::Rows rows = TRY(database_.query("SELECT account, device FROM rights WHERE log = ? AND last IS NULL", log.key));
  std::vector<wire::RosterEntry> entries;
  while (TRY(rows.next())) {
    auto [account, device] = TRY(rows.read<AccountId, DeviceId>());
    entries.push_back({account, device});
  }
  return wire::Roster{log.id, wire::Sorted<wire::RosterEntry>(std::move(entries))};
}

Result<void> RightsTable::put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights) {
  // Removed and added in one commit: the earlier stretch ends where the later one begins, so that no entry is in two.
  TRY(
      database_.execute("UPDATE rights SET last = ?4 - 1 WHERE log = ?1 AND account = ?2 AND device = ?3 AND "
                        "first < ?4 AND (last IS NULL OR last >= ?4)",
                        log, device.account, device.device, rights.begin));
  TRY(
      database_.execute("INSERT INTO rights (log, account, device, first, last, acked) VALUES (?, ?, ?, ?, ?, 0) "
                        "ON CONFLICT (log, account, device, first) DO UPDATE SET last = excluded.last",
                        log, device.account, device.device, rights.begin, rights.end));
  return {};
}

Result<bool> RightsTable::acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq) {
  uint64_t changed =
      TRY(database_.execute("UPDATE rights SET acked = MIN(?4, COALESCE(last, ?4)) WHERE log = ?1 AND account = ?2 AND "
                            "device = ?3 AND first <= ?4 AND acked < MIN(?4, COALESCE(last, ?4))",
                            log, device.account, device.device, seq));
  return changed != 0;
}

Result<std::optional<uint64_t>> RightsTable::firstNeeded(LogKey log) {
  auto row = TRY(database_.one<std::optional<uint64_t>>(
      "SELECT MIN(MAX(acked + 1, first)) FROM rights WHERE log = ? AND (last IS NULL OR acked < last)", log));
  return row ? *row : std::nullopt;
}

Result<void> RightsTable::forgetUpTo(LogKey log, uint64_t seq) {
  TRY(
      database_.execute("DELETE FROM rights AS old WHERE log = ?1 AND last <= ?2 AND EXISTS (SELECT 1 FROM rights AS "
                        "later WHERE later.log = ?1 AND later.account = old.account AND later.device = old.device AND "
                        "later.first > old.first)",
                        log, seq));
  return {};
}

}  // namespace qpq::server::store::sqlite
