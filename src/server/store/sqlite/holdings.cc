#include "server/store/sqlite/nouns.h"

#include <tuple>

namespace qpq::server::store::sqlite {

namespace {

using Row = std::tuple<int64_t, AccountId, Bytes, wire::Hash, uint64_t, bool, uint64_t>;

Holding holdingFrom(const Row& row) {
  const auto& [key, account, log, hash, size, complete, untilMs] = row;
  auto id = decode<LogId>(log);
  return {key, account, id ? std::optional(*id) : std::nullopt, hash, size, complete, untilMs};
}

// A blob's row holds an empty log: NULLs would not be equal in the index that makes it unique.
ByteView columnOf(const std::optional<LogId>& log) { return log ? log->view() : ByteView(); }

}  // namespace

Result<std::optional<Holding>> Holdings::find(const AccountId& account, const std::optional<LogId>& log,
                                              const wire::Hash& hash) {
  auto row = TRY((database_.one<int64_t, AccountId, Bytes, wire::Hash, uint64_t, bool, uint64_t>(
      "SELECT key, account, log, hash, size, complete, until_ms FROM holding WHERE account = ? AND log = ? AND hash = "
      "?",
      account, columnOf(log), ByteView(hash))));
  if (!row) return std::nullopt;
  return holdingFrom(*row);
}

Result<std::optional<Holding>> Holdings::at(int64_t key) {
  auto row = TRY((database_.one<int64_t, AccountId, Bytes, wire::Hash, uint64_t, bool, uint64_t>(
      "SELECT key, account, log, hash, size, complete, until_ms FROM holding WHERE key = ?", key)));
  if (!row) return std::nullopt;
  return holdingFrom(*row);
}

Result<int64_t> Holdings::add(const Holding& holding) {
  auto key = TRY(database_.one<int64_t>(
      "INSERT INTO holding (account, log, hash, size, complete, until_ms) VALUES (?, ?, ?, ?, ?, ?) RETURNING key",
      holding.account, columnOf(holding.log), ByteView(holding.hash), holding.size, holding.complete, holding.untilMs));
  return key.value_or(0);
}

Result<void> Holdings::complete(int64_t key, uint64_t untilMs) {
  TRY(database_.execute("UPDATE holding SET complete = 1, until_ms = ? WHERE key = ?", untilMs, key));
  return {};
}

Result<void> Holdings::keepUntil(int64_t key, uint64_t untilMs) {
  TRY(database_.execute("UPDATE holding SET until_ms = ? WHERE key = ?", untilMs, key));
  return {};
}

Result<void> Holdings::drop(int64_t key) {
  TRY(database_.execute("DELETE FROM holding WHERE key = ?", key));
  return {};
}

Result<Held> Holdings::heldForLogs(const AccountId& account) {
  auto row = TRY((database_.one<uint64_t, uint64_t>(
      "SELECT COALESCE(SUM(size), 0), COUNT(*) FROM holding WHERE account = ? AND log > x''", account)));
  if (!row) return Held();
  return Held{std::get<0>(*row), std::get<1>(*row)};
}

Result<Held> Holdings::heldAsBlobs(const AccountId& account) {
  auto row = TRY((database_.one<uint64_t, uint64_t>(
      "SELECT COALESCE(SUM(size), 0), COUNT(*) FROM holding WHERE account = ? AND log = x''", account)));
  if (!row) return Held();
  return Held{std::get<0>(*row), std::get<1>(*row)};
}

Result<Held> Holdings::total() {
  auto row = TRY((database_.one<uint64_t, uint64_t>(
      "SELECT COALESCE(SUM(size), 0), COUNT(*) FROM (SELECT size FROM holding WHERE complete = 1 UNION ALL SELECT size "
      "FROM large_body)")));
  if (!row) return Held();
  return Held{std::get<0>(*row), std::get<1>(*row)};
}

Result<std::vector<Holding>> Holdings::over(uint64_t nowMs, std::size_t rowsMax) {
  sql::Rows rows = TRY(
      database_.query("SELECT key, account, log, hash, size, complete, until_ms FROM holding WHERE until_ms <= ? ORDER "
                      "BY until_ms LIMIT ?",
                      nowMs, uint64_t{rowsMax}));
  std::vector<Holding> found;
  while (TRY(rows.next())) {
    found.push_back(holdingFrom(TRY((rows.read<int64_t, AccountId, Bytes, wire::Hash, uint64_t, bool, uint64_t>()))));
  }
  return found;
}

Result<std::vector<Holdings::Named>> Holdings::named(const wire::Hash& after, std::size_t rowsMax) {
  sql::Rows rows = TRY(
      database_.query("SELECT hash, size FROM holding WHERE complete = 1 AND hash > ?1 UNION SELECT hash, size FROM "
                      "large_body WHERE hash > ?1 ORDER BY hash, size LIMIT ?2",
                      ByteView(after), uint64_t{rowsMax}));
  std::vector<Named> found;
  while (TRY(rows.next())) {
    auto [hash, size] = TRY((rows.read<wire::Hash, uint64_t>()));
    found.push_back({hash, size});
  }
  return found;
}

Result<bool> Holdings::isNamed(const wire::Hash& hash) {
  auto row =
      TRY(database_.one<bool>("SELECT EXISTS (SELECT 1 FROM holding WHERE hash = ?1 AND complete = 1) OR EXISTS "
                              "(SELECT 1 FROM large_body WHERE "
                              "hash = ?1)",
                              ByteView(hash)));
  return row.value_or(false);
}

Result<std::optional<uint64_t>> Holdings::blob(const wire::Hash& hash) {
  auto row = TRY(database_.one<std::optional<uint64_t>>(
      "SELECT MIN(size) FROM holding WHERE hash = ? AND complete = 1 AND log = x''", ByteView(hash)));
  return row ? *row : std::nullopt;
}

}  // namespace qpq::server::store::sqlite
