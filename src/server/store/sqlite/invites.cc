#include "server/store/sqlite/nouns.h"

namespace qpq::server::store::sqlite {

Result<void> Invites::add(const Invite& invite) {
  TRY(database_.execute("INSERT INTO invite (hash, prefix, uses_left, until_ms) VALUES (?, ?, ?, ?)",
                        ByteView(invite.hash), invite.prefix, invite.usesLeft, invite.until.unixMs));
  return {};
}

Result<std::optional<Invite>> Invites::find(const wire::Hash& hash) {
  auto row = TRY((database_.one<std::string, uint32_t, uint64_t>(
      "SELECT prefix, uses_left, until_ms FROM invite WHERE hash = ?", ByteView(hash))));
  if (!row) return std::nullopt;
  auto& [prefix, usesLeft, untilMs] = *row;
  return Invite{hash, std::move(prefix), usesLeft, {untilMs}};
}

Result<bool> Invites::hasPrefix(std::string_view prefix) {
  return TRY(database_.one<int64_t>("SELECT key FROM invite WHERE prefix = ?", prefix)).has_value();
}

Result<void> Invites::use(const wire::Hash& hash) {
  TRY(database_.execute("UPDATE invite SET uses_left = uses_left - 1 WHERE hash = ?", ByteView(hash)));
  return {};
}

Result<std::vector<Invite>> Invites::all() {
  sql::Rows rows = TRY(database_.query("SELECT hash, prefix, uses_left, until_ms FROM invite ORDER BY prefix"));
  std::vector<Invite> invites;
  while (TRY(rows.next())) {
    auto [hash, prefix, usesLeft, untilMs] = TRY((rows.read<wire::Hash, std::string, uint32_t, uint64_t>()));
    invites.push_back({hash, std::move(prefix), usesLeft, {untilMs}});
  }
  return invites;
}

Result<uint64_t> Invites::count() { return TRY(database_.one<uint64_t>("SELECT COUNT(*) FROM invite")).value_or(0); }

Result<bool> Invites::drop(std::string_view prefix) {
  return TRY(database_.execute("DELETE FROM invite WHERE prefix = ?", prefix)) != 0;
}

Result<void> Invites::dropExpired(Instant by) {
  TRY(database_.execute("DELETE FROM invite WHERE until_ms <= ?", by.unixMs));
  return {};
}

}  // namespace qpq::server::store::sqlite
