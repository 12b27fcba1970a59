#include "server/store/state.h"

#include "sql/transaction.h"

namespace qpq::server::store {

sql::Result<std::optional<ServerState>> readState(sql::Database& database) {
  auto row = TRY(database.one<Incarnation, Secret<32>, SecretBytes>(
      "SELECT incarnation, identity_seed, opaque_setup FROM server"));
  if (!row) return std::nullopt;
  auto& [incarnation, identity, setup] = *row;
  return ServerState{incarnation, std::move(identity), std::move(setup)};
}

sql::Result<void> writeState(sql::Database& database, const ServerState& state) {
  TRY(database.execute("INSERT INTO server (only, incarnation, identity_seed, opaque_setup) VALUES (1, ?, ?, ?)",
                       state.incarnation, state.identitySeed, state.opaqueSetup));
  return {};
}

sql::Result<void> beginIncarnation(sql::Database& database, const Incarnation& incarnation, uint64_t refillWindowMs) {
  sql::Transaction transaction = TRY(sql::Transaction::begin(database));
  TRY(database.execute("UPDATE server SET incarnation = ?, refill_window_ms = ?, refill_until_ms = NULL", incarnation, refillWindowMs));
  TRY(database.execute("DELETE FROM key_package WHERE last_resort = 0"));
  return transaction.commit();
}

sql::Result<RefillWindow> refillWindow(sql::Database& database, Instant now) {
  TRY(database.execute("UPDATE server SET refill_until_ms = ? + refill_window_ms WHERE refill_until_ms IS NULL",
                       now.unixMs));
  auto row = TRY(database.one<uint64_t, uint64_t>("SELECT refill_until_ms, refill_window_ms FROM server"));
  if (!row) return RefillWindow{};
  auto [untilMs, lengthMs] = *row;
  return RefillWindow{{untilMs}, lengthMs};
}

sql::Result<void> Probe::write() {
  // A row that comes and goes: SQLite writes no page whose bytes an UPDATE leaves as they were.
  TRY(database_.execute("INSERT INTO receipt_key (id, seed, from_ms) VALUES (-1, x'', 0)"));
  TRY(database_.execute("DELETE FROM receipt_key WHERE id = -1"));
  return {};
}

sql::Result<std::optional<Instant>> Age::read() {
  auto row = TRY(database_.one<uint64_t>("SELECT reached_ms FROM age"));
  return row ? std::optional(Instant{*row}) : std::nullopt;
}

sql::Result<void> Age::write(Instant age) {
  TRY(database_.execute("INSERT INTO age (only, reached_ms) VALUES (1, ?) ON CONFLICT DO UPDATE SET reached_ms = "
                        "excluded.reached_ms",
                        age.unixMs));
  return {};
}

sql::Result<std::vector<ReceiptKeySeed>> readReceiptKeys(sql::Database& database) {
  sql::Rows rows = TRY(database.query("SELECT id, seed, from_ms FROM receipt_key ORDER BY id"));
  std::vector<ReceiptKeySeed> keys;
  while (TRY(rows.next())) {
    auto [id, seed, fromMs] = TRY(rows.read<uint32_t, Secret<32>, uint64_t>());
    keys.push_back({id, std::move(seed), fromMs});
  }
  return keys;
}

sql::Result<void> addReceiptKey(sql::Database& database, const ReceiptKeySeed& key) {
  TRY(database.execute("INSERT INTO receipt_key (id, seed, from_ms) VALUES (?, ?, ?)", key.id, key.seed, key.fromMs));
  return {};
}

}  // namespace qpq::server::store
