#include "server/store/inbox.h"

namespace qpq::server::store {

sql::Result<uint64_t> Inbox::touch(const AccountId& account, LogKey log) {
  auto change =
      TRY(database_.one<uint64_t>("UPDATE account SET change = change + 1 WHERE id = ? RETURNING change", account));
  // A roster can name an account that has been deleted since: there is no index left to change.
  if (!change) return uint64_t{0};
  TRY(
      database_.execute("INSERT INTO inbox (account, log, change) VALUES (?, ?, ?) "
                        "ON CONFLICT (account, log) DO UPDATE SET change = excluded.change",
                        account, log, *change));
  return *change;
}

sql::Result<bool> Inbox::lists(const AccountId& account, LogKey log) {
  auto row =
      TRY(database_.one<bool>("SELECT EXISTS (SELECT 1 FROM inbox WHERE account = ? AND log = ?)", account, log));
  return row.value_or(false);
}

sql::Result<uint64_t> Inbox::newest(const AccountId& account) {
  return TRY(database_.one<uint64_t>("SELECT change FROM account WHERE id = ?", account)).value_or(0);
}

sql::Result<uint64_t> Inbox::size(const AccountId& account) {
  return TRY(database_.one<uint64_t>("SELECT COUNT(*) FROM inbox WHERE account = ?", account)).value_or(0);
}

sql::Result<std::vector<InboxEntry>> Inbox::read(const wire::RosterEntry& device, uint64_t since,
                                                 std::size_t entriesMax) {
  sql::Rows rows = TRY(database_.query(
      "SELECT inbox.change, log.id, rights.first, rights.last, log.pair_low, log.pair_high, log.successor FROM inbox "
      "JOIN log ON log.key = inbox.log "
      "LEFT JOIN rights ON rights.log = inbox.log AND rights.account = inbox.account AND rights.device = ?1 AND "
      "NOT EXISTS (SELECT 1 FROM rights AS later WHERE later.log = inbox.log AND later.account = inbox.account AND "
      "later.device = ?1 AND later.first > rights.first) "
      "WHERE inbox.account = ?2 AND inbox.change > ?3 ORDER BY inbox.change LIMIT ?4",
      device.device, device.account, since, uint64_t{entriesMax}));
  std::vector<InboxEntry> entries;
  while (TRY(rows.next())) {
    auto [change, log, first, last, low, high, successor] =
        TRY((rows.read<uint64_t, LogId, std::optional<uint64_t>, std::optional<uint64_t>, std::optional<AccountId>,
                       std::optional<AccountId>, std::optional<LogId>>()));
    InboxEntry entry{change, log, first.value_or(0), last.value_or(0), first && !last, {}, successor};
    if (low && high) entry.direct = Pair{*low, *high}.other(device.account);
    entries.push_back(entry);
  }
  return entries;
}

}  // namespace qpq::server::store
