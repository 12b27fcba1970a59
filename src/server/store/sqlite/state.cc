#include "server/store/sqlite/nouns.h"

namespace qpq::server::store::sqlite {

Result<std::optional<ServerState>> State::read() {
  auto row = TRY((database_.one<Incarnation, Secret<32>, SecretBytes>(
      "SELECT incarnation, identity_seed, opaque_setup FROM server")));
  if (!row) return std::nullopt;
  auto& [incarnation, identity, setup] = *row;
  return ServerState{incarnation, std::move(identity), std::move(setup)};
}

Result<void> State::make(const ServerState& state) {
  TRY(database_.execute("INSERT INTO server (only, incarnation, identity_seed, opaque_setup) VALUES (1, ?, ?, ?)",
                        state.incarnation, state.identitySeed, state.opaqueSetup));
  return {};
}

Result<std::vector<ReceiptKeySeed>> State::receiptKeys() {
  sql::Rows rows = TRY(database_.query("SELECT id, seed, from_ms FROM receipt_key ORDER BY id"));
  std::vector<ReceiptKeySeed> keys;
  while (TRY(rows.next())) {
    auto [id, seed, fromMs] = TRY((rows.read<uint32_t, Secret<32>, uint64_t>()));
    keys.push_back({id, std::move(seed), fromMs});
  }
  return keys;
}

Result<void> State::addReceiptKey(const ReceiptKeySeed& key) {
  TRY(database_.execute("INSERT INTO receipt_key (id, seed, from_ms) VALUES (?, ?, ?)", key.id, key.seed, key.fromMs));
  return {};
}

Result<void> State::beginIncarnation(const Incarnation& incarnation, uint64_t refillWindowMs) {
  TRY(database_.execute("UPDATE server SET incarnation = ?, refill_window_ms = ?, refill_until_ms = NULL", incarnation,
                        refillWindowMs));
  return {};
}

Result<RefillWindow> State::refillWindow(Instant now) {
  TRY(database_.execute("UPDATE server SET refill_until_ms = ? + refill_window_ms WHERE refill_until_ms IS NULL",
                        now.unixMs));
  auto row = TRY((database_.one<uint64_t, uint64_t>("SELECT refill_until_ms, refill_window_ms FROM server")));
  if (!row) return RefillWindow{};
  auto [untilMs, lengthMs] = *row;
  return RefillWindow{{untilMs}, lengthMs};
}

Result<std::optional<Instant>> State::age() {
  auto row = TRY(database_.one<uint64_t>("SELECT reached_ms FROM age"));
  return row ? std::optional(Instant{*row}) : std::nullopt;
}

Result<void> State::setAge(Instant age) {
  TRY(
      database_.execute("INSERT INTO age (only, reached_ms) VALUES (1, ?) ON CONFLICT DO UPDATE SET reached_ms = "
                        "excluded.reached_ms",
                        age.unixMs));
  return {};
}

Result<void> State::probe() {
  // A row that comes and goes: SQLite writes no page whose bytes an UPDATE leaves as they were.
  TRY(database_.execute("INSERT INTO receipt_key (id, seed, from_ms) VALUES (-1, x'', 0)"));
  TRY(database_.execute("DELETE FROM receipt_key WHERE id = -1"));
  return {};
}

}  // namespace qpq::server::store::sqlite
