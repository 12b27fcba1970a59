#include "client/store/outbox.h"

namespace qpq::client::store {

namespace {

Result<std::vector<OutboxRow>> readAll(sql::Rows rows) {
  std::vector<OutboxRow> found;
  while (TRY(rows.next())) {
    auto [log, id, wish, body, commitsSeen, envelope, hash, welcome, tokenHash] =
        TRY(rows.read<LogId, EntryId, Wish, Bytes, std::optional<uint64_t>, std::optional<Bytes>,
                      std::optional<wire::Hash>, std::optional<Bytes>, std::optional<Bytes>>());
    OutboxRow row{.log = log, .id = id, .wish = wish, .body = std::move(body), .sealed = std::nullopt};
    if (commitsSeen && envelope && hash && welcome && tokenHash) {
      row.sealed = Sealed{*commitsSeen, *std::move(envelope), *hash, *std::move(welcome), *std::move(tokenHash)};
    }
    found.push_back(std::move(row));
  }
  return found;
}

}  // namespace

Result<void> Outbox::add(const OutboxRow& row, Turn turn) {
  std::optional<int64_t> place;  // nothing: behind all others
  if (turn == Turn::first) {
    place = TRY(database_.one<int64_t>("SELECT min(coalesce(min(id), 0), 0) - 1 FROM outbox"));
  }
  TRY(database_.execute("INSERT INTO outbox (id, log, entry, wish, body) VALUES (?, ?, ?, ?, ?)", place, row.log,
                        row.id, row.wish, ByteView(row.body)));
  if (row.sealed) TRY(seal(row.id, *row.sealed));
  return {};
}

Result<std::vector<OutboxRow>> Outbox::rows(const LogId& log) {
  return readAll(
      TRY(database_.query("SELECT log, entry, wish, body, commits_seen, envelope, envelope_hash, welcome, "
                          "token_hash FROM outbox WHERE log = ? ORDER BY id",
                          log)));
}

Result<std::optional<OutboxRow>> Outbox::find(const EntryId& id) {
  auto found =
      TRY(readAll(TRY(database_.query("SELECT log, entry, wish, body, commits_seen, envelope, envelope_hash, "
                                      "welcome, token_hash FROM outbox WHERE entry = ?",
                                      id))));
  if (found.empty()) return std::optional<OutboxRow>();
  return std::move(found.front());
}

Result<std::vector<OutboxRow>> Outbox::all() {
  return readAll(
      TRY(database_.query("SELECT log, entry, wish, body, commits_seen, envelope, envelope_hash, welcome, "
                          "token_hash FROM outbox ORDER BY id")));
}

Result<void> Outbox::seal(const EntryId& id, const Sealed& sealed) {
  TRY(
      database_.execute("UPDATE outbox SET commits_seen = ?, envelope = ?, envelope_hash = ?, welcome = ?, "
                        "token_hash = ? WHERE entry = ?",
                        sealed.commitsSeen, ByteView(sealed.envelope), ByteView(sealed.envelopeHash),
                        ByteView(sealed.welcome), ByteView(sealed.tokenHash), id));
  return {};
}

Result<void> Outbox::unseal(const EntryId& id) {
  TRY(
      database_.execute("UPDATE outbox SET commits_seen = NULL, envelope = NULL, envelope_hash = NULL, welcome = NULL, "
                        "token_hash = NULL WHERE entry = ?",
                        id));
  return {};
}

Result<void> Outbox::end(const EntryId& id) {
  TRY(database_.execute("DELETE FROM outbox WHERE entry = ?", id));
  return {};
}

Result<std::vector<LogId>> Outbox::logs() {
  std::vector<LogId> found;
  sql::Rows rows = TRY(database_.query("SELECT log FROM outbox GROUP BY log ORDER BY min(id)"));
  while (TRY(rows.next())) found.push_back(TRY(rows.read<LogId>()));
  return found;
}

Result<std::size_t> Outbox::count() {
  return TRY(database_.one<std::size_t>("SELECT count(*) FROM outbox WHERE wish <> ?", Wish::mend)).value_or(0);
}

}  // namespace qpq::client::store
