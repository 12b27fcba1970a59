#include "server/store/sqlite/nouns.h"

namespace qpq::server::store::sqlite {

Result<uint64_t> Inbox::touch(const AccountId& account, LogKey log) {
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

Result<bool> Inbox::lists(const AccountId& account, LogKey log) {
  auto row =
      TRY(database_.one<bool>("SELECT EXISTS (SELECT 1 FROM inbox WHERE account = ? AND log = ?)", account, log));
  return row.value_or(false);
}

Result<uint64_t> Inbox::newest(const AccountId& account) {
  return TRY(database_.one<uint64_t>("SELECT change FROM account WHERE id = ?", account)).value_or(0);
}

Result<uint64_t> Inbox::size(const AccountId& account) {
  return TRY(database_.one<uint64_t>("SELECT COUNT(*) FROM inbox WHERE account = ?", account)).value_or(0);
}

Result<std::vector<InboxEntry>> Inbox::read(const AccountId& account, uint64_t since, std::size_t entriesMax) {
  sql::Rows rows =
      TRY(database_.query("SELECT change, log FROM inbox WHERE account = ? AND change > ? ORDER BY change LIMIT ?",
                          account, since, uint64_t{entriesMax}));
  std::vector<InboxEntry> entries;
  while (TRY(rows.next())) {
    auto [change, log] = TRY((rows.read<uint64_t, LogKey>()));
    entries.push_back({change, log});
  }
  return entries;
}

}  // namespace qpq::server::store::sqlite
