#include "server/store/sqlite/nouns.h"

namespace qpq::server::store::sqlite {

Result<bool> KeyPackages::seen(const AccountId& account, const wire::Hash& package) {
  auto row = TRY(database_.one<bool>("SELECT EXISTS (SELECT 1 FROM key_package_seen WHERE account = ? AND hash = ?)",
                                     account, package));
  return row.value_or(false);
}

Result<void> KeyPackages::add(const wire::RosterEntry& device, const KeptPackage& package) {
  TRY(
      database_.execute("INSERT INTO key_package (account, device, last_resort, not_after_ms, body) "
                        "VALUES (?, ?, 0, ?, ?)",
                        device.account, device.device, package.notAfterMs, package.body));
  TRY(database_.execute("INSERT INTO key_package_seen (account, hash, not_after_ms) VALUES (?, ?, ?)", device.account,
                        package.hash, package.notAfterMs));
  return {};
}

Result<void> KeyPackages::replaceLastResort(const wire::RosterEntry& device, const KeptPackage& package) {
  TRY(database_.execute("DELETE FROM key_package WHERE account = ? AND device = ? AND last_resort = 1", device.account,
                        device.device));
  TRY(
      database_.execute("INSERT INTO key_package (account, device, last_resort, not_after_ms, body) "
                        "VALUES (?, ?, 1, ?, ?)",
                        device.account, device.device, package.notAfterMs, package.body));
  TRY(database_.execute("INSERT INTO key_package_seen (account, hash, not_after_ms) VALUES (?, ?, ?)", device.account,
                        package.hash, package.notAfterMs));
  return {};
}

Result<PackageCount> KeyPackages::count(const wire::RosterEntry& device, uint64_t nowMs) {
  auto row = TRY((database_.one<uint32_t, bool>(
      "SELECT COUNT(*) FILTER (WHERE last_resort = 0), COUNT(*) FILTER (WHERE last_resort = 1) > 0 FROM key_package "
      "WHERE account = ? AND device = ? AND not_after_ms > ?",
      device.account, device.device, nowMs)));
  if (!row) return PackageCount{0, false};
  return PackageCount{std::get<0>(*row), std::get<1>(*row)};
}

Result<std::optional<TakenPackage>> KeyPackages::take(const wire::RosterEntry& device, uint64_t nowMs) {
  auto row = TRY((database_.one<int64_t, Bytes, bool>(
      "SELECT key, body, last_resort FROM key_package WHERE account = ? AND device = ? AND not_after_ms > ? "
      "ORDER BY last_resort, key LIMIT 1",
      device.account, device.device, nowMs)));
  if (!row) return std::nullopt;
  auto& [key, body, lastResort] = *row;
  if (!lastResort) TRY(database_.execute("DELETE FROM key_package WHERE key = ?", key));
  return TakenPackage{std::move(body), lastResort};
}

Result<void> KeyPackages::removeAll(const wire::RosterEntry& device) {
  TRY(database_.execute("DELETE FROM key_package WHERE account = ? AND device = ?", device.account, device.device));
  return {};
}

Result<std::optional<Bytes>> KeyPackages::answer(const AccountId& account, const wire::RosterEntry& taker,
                                                 const RequestId& request) {
  return database_.one<Bytes>("SELECT answer FROM key_package_taken WHERE account = ? AND taker = ? AND request = ?",
                              account, encode(taker), request);
}

Result<void> KeyPackages::remember(const AccountId& account, const wire::RosterEntry& taker, const RequestId& request,
                                   ByteView answer, uint64_t nowMs) {
  TRY(
      database_.execute("INSERT INTO key_package_taken (account, taker, request, taken_ms, answer) "
                        "VALUES (?, ?, ?, ?, ?)",
                        account, encode(taker), request, nowMs, answer));
  return {};
}

Result<void> KeyPackages::removeOneTime() {
  TRY(database_.execute("DELETE FROM key_package WHERE last_resort = 0"));
  return {};
}

Result<uint64_t> KeyPackages::sweep(uint64_t nowMs, uint64_t takenBeforeMs, std::size_t rowsMax) {
  uint64_t limit = rowsMax;
  uint64_t gone = TRY(database_.execute(
      "DELETE FROM key_package WHERE key IN (SELECT key FROM key_package WHERE not_after_ms <= ? LIMIT ?)", nowMs,
      limit));
  gone +=
      TRY(database_.execute("DELETE FROM key_package_seen WHERE (account, hash) IN "
                            "(SELECT account, hash FROM key_package_seen WHERE not_after_ms <= ? LIMIT ?)",
                            nowMs, limit));
  gone += TRY(database_.execute(
      "DELETE FROM key_package_taken WHERE key IN (SELECT key FROM key_package_taken WHERE taken_ms < ? LIMIT ?)",
      takenBeforeMs, limit));
  return gone;
}

}  // namespace qpq::server::store::sqlite
