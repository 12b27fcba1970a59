#include "server/store/sqlite/nouns.h"

#include "server/store/row.h"

namespace qpq::server::store::sqlite {

namespace {

constexpr sql::Sql kById =
    "SELECT key, id, creator, pair_low, pair_high, successor, seq, head, commits, pruned_seq, pruned_head, "
    "pruned_commits, pruned_ms FROM log WHERE id = ?";
constexpr sql::Sql kByKey =
    "SELECT key, id, creator, pair_low, pair_high, successor, seq, head, commits, pruned_seq, pruned_head, "
    "pruned_commits, pruned_ms FROM log WHERE key = ?";

template <class Key>
Result<std::optional<Log>> select(sql::Database& database, sql::Sql sql, const Key& key) {
  using wire::Hash;
  auto row =
      TRY((database.one<LogKey, LogId, AccountId, std::optional<AccountId>, std::optional<AccountId>,
                        std::optional<LogId>, uint64_t, Hash, uint64_t, uint64_t, Hash, uint64_t, uint64_t>(sql, key)));
  if (!row) return std::nullopt;
  auto& [logKey, id, creator, low, high, successor, seq, head, commits, prunedSeq, prunedHead, prunedCommits,
         prunedMs] = *row;
  std::optional<Pair> pair;
  if (low && high) pair = Pair{*low, *high};
  return Log{logKey,  id, creator, pair, successor, {seq, head, commits}, {prunedSeq, prunedHead, prunedCommits},
             prunedMs};
}

using MarkRow = std::tuple<uint64_t, EntryId, wire::Hash, wire::Hash, uint64_t, uint64_t>;

std::optional<EntryMark> markFrom(const std::optional<MarkRow>& row) {
  if (!row) return std::nullopt;
  const auto& [seq, id, envelope, head, commits, timeMs] = *row;
  return EntryMark{seq, id, envelope, head, commits, timeMs};
}

}  // namespace

Result<std::optional<Log>> Logs::find(const LogId& log) { return select(database_, kById, log); }

Result<Log> Logs::at(LogKey key) {
  auto log = TRY(select(database_, kByKey, key));
  if (!log) return damaged("a log key leads nowhere");
  return *std::move(log);
}

Result<void> Logs::add(const NewLog& log, uint64_t nowMs) {
  wire::LogPlace start = wire::LogPlace::start(log.id);
  auto low = log.pair ? std::optional(log.pair->low) : std::nullopt;
  auto high = log.pair ? std::optional(log.pair->high) : std::nullopt;
  TRY(database_.execute(
      "INSERT INTO log (id, creator, created_ms, pair_low, pair_high, seq, head, commits, pruned_seq, "
      "pruned_head, pruned_commits, pruned_ms) VALUES (?1, ?2, ?3, ?4, ?5, 0, ?6, 0, 0, ?6, 0, 0)",
      log.id, log.creator, nowMs, low, high, start.head));
  return {};
}

Result<uint64_t> Logs::begunBetween(const AccountId& creator, uint64_t afterMs, uint64_t untilMs) {
  auto count = TRY(database_.one<uint64_t>(
      "SELECT COUNT(*) FROM log WHERE creator = ? AND created_ms > ? AND created_ms <= ?", creator, afterMs, untilMs));
  return count.value_or(0);
}

Result<void> Logs::succeed(const LogId& log, const LogId& successor) {
  TRY(database_.execute("UPDATE log SET successor = ? WHERE id = ?", successor, log));
  return {};
}

Result<void> Logs::append(Log& log, const NewEntry& entry) {
  auto welcomeHash = entry.welcome ? std::optional(ByteView(entry.link.welcome)) : std::nullopt;
  auto row = TRY(database_.one<int64_t>(
      "INSERT INTO entry (log, seq, kind, id, envelope_hash, welcome_hash, head, commits, time_ms) "
      "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING key",
      log.key, entry.link.seq, entry.link.kind, entry.link.id, entry.link.envelope, welcomeHash, entry.place.head,
      entry.place.commits, entry.timeMs));
  int64_t key = row.value_or(0);
  auto column = [](const std::variant<ByteView, LargePart>& part) {
    const auto* bytes = std::get_if<ByteView>(&part);
    return bytes != nullptr ? *bytes : ByteView();
  };
  TRY(database_.execute("INSERT INTO body (entry, envelope, welcome) VALUES (?, ?, ?)", key, column(entry.envelope),
                        entry.welcome ? std::optional(column(*entry.welcome)) : std::nullopt));
  if (const auto* large = std::get_if<LargePart>(&entry.envelope)) {
    TRY(putLarge(key, BodyPart::envelope, entry.link.envelope, large->size));
  }
  if (const auto* large = entry.welcome ? std::get_if<LargePart>(&*entry.welcome) : nullptr) {
    TRY(putLarge(key, BodyPart::welcome, entry.link.welcome, large->size));
  }
  TRY(
      database_.execute("UPDATE log SET seq = ?, head = ?, commits = ?, oldest_ms = COALESCE(oldest_ms, ?) "
                        "WHERE key = ?",
                        entry.place.seq, entry.place.head, entry.place.commits, entry.timeMs, log.key));
  log.newest = entry.place;
  return {};
}

Result<void> Logs::putLarge(int64_t entry, BodyPart part, const wire::Hash& hash, uint64_t size) {
  TRY(database_.execute("INSERT INTO large_body (entry, part, hash, size) VALUES (?, ?, ?, ?)", entry, part,
                        ByteView(hash), size));
  return {};
}

Result<Body> Logs::bodyOf(int64_t entry, BodyPart part, Bytes column) {
  if (!column.empty()) return Body(std::move(column));
  auto size = TRY(database_.one<uint64_t>("SELECT size FROM large_body WHERE entry = ? AND part = ?", entry, part));
  // A Welcome that the client which gave the entry back after a restore did not have (server/refill.h).
  if (!size && part == BodyPart::welcome) return Body(Bytes());
  if (!size) return damaged("an entry has no body");
  return Body(LargePart{*size});
}

Result<void> Logs::setAppendToken(LogKey log, ByteView tokenHash) {
  TRY(database_.execute("UPDATE log SET append_token = ? WHERE key = ?", tokenHash, log));
  return {};
}

Result<std::optional<EntryMark>> Logs::markOf(LogKey log, const EntryId& entry) {
  return markFrom(TRY((database_.one<uint64_t, EntryId, wire::Hash, wire::Hash, uint64_t, uint64_t>(
      "SELECT seq, id, envelope_hash, head, commits, time_ms FROM entry WHERE log = ? AND id = ?", log, entry))));
}

Result<std::optional<EntryMark>> Logs::markAt(LogKey log, uint64_t seq) {
  return markFrom(TRY((database_.one<uint64_t, EntryId, wire::Hash, wire::Hash, uint64_t, uint64_t>(
      "SELECT seq, id, envelope_hash, head, commits, time_ms FROM entry WHERE log = ? AND seq = ?", log, seq))));
}

Result<std::optional<EntryMark>> Logs::markOfLarge(LogKey log, const wire::Hash& envelope) {
  return markFrom(TRY((database_.one<uint64_t, EntryId, wire::Hash, wire::Hash, uint64_t, uint64_t>(
      "SELECT seq, id, envelope_hash, head, commits, time_ms FROM entry WHERE log = ? AND key IN (SELECT entry FROM "
      "large_body WHERE hash = ? AND part = ?) ORDER BY seq LIMIT 1",
      log, ByteView(envelope), BodyPart::envelope))));
}

Result<std::optional<Logs::LargeBody>> Logs::large(LogKey log, uint64_t seq, BodyPart part) {
  auto row = TRY((database_.one<wire::Hash, uint64_t>(
      "SELECT hash, size FROM large_body WHERE entry = (SELECT key FROM entry WHERE log = ? AND seq = ?) AND part = ?",
      log, seq, part)));
  if (!row) return std::nullopt;
  return LargeBody{std::get<0>(*row), std::get<1>(*row)};
}

Result<std::vector<Entry>> Logs::read(LogKey log, uint64_t first, uint64_t last, uint64_t welcomeAt,
                                      std::size_t entriesMax, std::size_t bytesMax) {
  sql::Rows rows = TRY(database_.query(
      "SELECT key, seq, kind, id, envelope_hash, welcome_hash, envelope, CASE WHEN seq = ?4 THEN welcome END FROM "
      "entry "
      "JOIN body ON body.entry = entry.key WHERE log = ?1 AND seq BETWEEN ?2 AND ?3 ORDER BY seq LIMIT ?5",
      log, first, last, welcomeAt, uint64_t{entriesMax}));
  std::vector<Entry> entries;
  std::size_t bytes = 0;
  while (TRY(rows.next())) {
    auto [key, seq, kind, id, hash, welcomeHash, envelopeColumn, welcomeColumn] =
        TRY((rows.read<int64_t, uint64_t, wire::EntryKind, EntryId, wire::Hash, std::optional<wire::Hash>, Bytes,
                       std::optional<Bytes>>()));
    Body envelope = TRY(bodyOf(key, BodyPart::envelope, std::move(envelopeColumn)));
    std::optional<Body> welcome;
    if (welcomeColumn) welcome = TRY(bodyOf(key, BodyPart::welcome, *std::move(welcomeColumn)));
    // Those in files, too: whoever reads this page has them all in memory at once.
    bytes += sizeOf(envelope) + (welcome ? sizeOf(*welcome) : 0);
    if (!entries.empty() && bytes > bytesMax) break;
    wire::ChainLink link{seq, kind, id, hash, welcomeHash.value_or(wire::noWelcome())};
    entries.push_back({link, welcomeHash.has_value(), std::move(envelope), std::move(welcome)});
  }
  return entries;
}

Result<std::optional<uint64_t>> Logs::lastOlder(const Log& log, uint64_t beforeMs) {
  // Times can step back with the server's clock, so the run ends at the first entry that is young enough.
  auto young = TRY(database_.one<std::optional<uint64_t>>(
      "SELECT MIN(seq) FROM entry WHERE log = ? AND seq > ? AND time_ms >= ?", log.key, log.pruned.seq, beforeMs));
  uint64_t last = young && *young ? **young - 1 : log.newest.seq;
  if (last <= log.pruned.seq) return std::nullopt;
  return last;
}

Result<std::vector<wire::Hash>> Logs::prune(Log& log, uint64_t seq, uint64_t nowMs) {
  auto mark = TRY(markAt(log.key, seq));
  if (!mark) return damaged("an entry to be pruned is not there");
  std::vector<wire::Hash> files;
  {
    sql::Rows rows = TRY(database_.query(
        "DELETE FROM large_body WHERE entry IN (SELECT key FROM entry WHERE log = ? AND seq > ? AND seq "
        "<= ?) RETURNING hash",
        log.key, log.pruned.seq, seq));
    while (TRY(rows.next())) files.push_back(TRY(rows.read<wire::Hash>()));
  }
  TRY(database_.execute(
      "DELETE FROM body WHERE entry IN (SELECT key FROM entry WHERE log = ? AND seq > ? AND seq <= ?)", log.key,
      log.pruned.seq, seq));
  log.pruned = mark->place();
  log.prunedMs = nowMs;
  TRY(
      database_.execute("UPDATE log SET pruned_seq = ?2, pruned_head = ?3, pruned_commits = ?4, pruned_ms = ?5, "
                        "oldest_ms = (SELECT time_ms FROM entry WHERE log = ?1 AND seq = ?2 + 1) WHERE key = ?1",
                        log.key, log.pruned.seq, log.pruned.head, log.pruned.commits, nowMs));
  return files;
}

Result<std::vector<LogKey>> Logs::withOlder(uint64_t beforeMs, std::size_t logsMax) {
  sql::Rows rows = TRY(database_.query("SELECT key FROM log WHERE oldest_ms < ? ORDER BY oldest_ms LIMIT ?", beforeMs,
                                       uint64_t{logsMax}));
  std::vector<LogKey> keys;
  while (TRY(rows.next())) keys.push_back(TRY(rows.read<LogKey>()));
  return keys;
}

Result<uint64_t> Logs::forgetMarks(uint64_t beforeMs, std::size_t rowsMax) {
  return database_.execute(
      "DELETE FROM entry WHERE key IN (SELECT entry.key FROM entry JOIN log ON log.key = entry.log "
      "WHERE entry.time_ms < ? AND entry.seq <= log.pruned_seq ORDER BY entry.time_ms LIMIT ?)",
      beforeMs, uint64_t{rowsMax});
}

}  // namespace qpq::server::store::sqlite
