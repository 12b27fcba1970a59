#include "server/store/sqlite/verify_log.h"

#include <format>
#include <tuple>

#include "crypto/hash.h"
#include "server/limits.h"
#include "server/store/sqlite/nouns.h"

namespace qpq::server::store::sqlite {

struct LogWalk::Row {
  wire::ChainLink link;
  bool hasWelcome;
  wire::LogPlace place;  // as stored
  std::optional<Bytes> envelope;
  std::optional<Bytes> welcome;
  bool isWelcomeLarge = false;  // its bytes are looked at as a file's
};

LogWalk::LogWalk(sql::Database& database, const BlobFiles& files, LogKey log, Findings& findings)
    : database_(database), files_(files), key_(log), findings_(findings) {}

void LogWalk::found(const Log& log, std::string what) {
  findings_.add(std::format("log {}: {}", toHex(log.id.view()), what));
}

Result<bool> LogWalk::step() {
  const Log log = TRY(Logs(database_).at(key_));
  uint64_t after = place_ ? place_->seq : 0;
  std::vector<Row> read;
  {
    sql::Rows rows = TRY(database_.query(
        "SELECT seq, kind, id, envelope_hash, welcome_hash, head, commits, envelope, welcome FROM entry "
        "LEFT JOIN body ON body.entry = entry.key WHERE log = ? AND seq > ? ORDER BY seq LIMIT ?",
        key_, after, uint64_t{kVerifyEntriesMax}));
    while (TRY(rows.next())) {
      auto [seq, kind, id, hash, welcomeHash, head, commits, envelope, welcome] =
          TRY((rows.read<uint64_t, wire::EntryKind, EntryId, wire::Hash, std::optional<wire::Hash>, wire::Hash,
                         uint64_t, std::optional<Bytes>, std::optional<Bytes>>()));
      wire::ChainLink link{seq, kind, id, hash, welcomeHash.value_or(wire::noWelcome())};
      read.push_back({link, welcomeHash.has_value(), {seq, head, commits}, std::move(envelope), std::move(welcome)});
    }
  }
  for (Row& row : read) {
    TRY(loadLarge(log, row));
    judge(log, row);
    if (envelope_) TRY(judgeTerms(envelope_->terms(), row.link.seq));
  }
  findings_.entries += read.size();
  if (read.size() == kVerifyEntriesMax) return true;
  TRY(judgeEnd(log));
  return false;
}

// An empty column stands for a file. What is wrong with the file itself is found where files are looked at.
Result<void> LogWalk::loadLarge(const Log& log, Row& row) {
  Logs logs(database_);
  if (row.envelope && row.envelope->empty()) {
    auto large = TRY(logs.large(log.key, row.link.seq, BodyPart::envelope));
    auto bytes = large ? files_.read(large->hash, large->size) : FileResult<Bytes>(Bytes());
    if (bytes) row.envelope = *std::move(bytes);
  }
  if (row.welcome && row.welcome->empty()) {
    auto large = TRY(logs.large(log.key, row.link.seq, BodyPart::welcome));
    row.isWelcomeLarge = large && large->hash == row.link.welcome;
  }
  return {};
}

void LogWalk::judge(const Log& log, const Row& row) {
  judgePlace(log, row);
  judgeBody(log, row);
  place_ = row.place;
}

// Marks are forgotten by age, so below what has been pruned there may be gaps; above it there are none.
void LogWalk::judgePlace(const Log& log, const Row& row) {
  uint64_t seq = row.link.seq;
  std::optional<wire::LogPlace> before = place_;
  if (!before || before->seq + 1 != seq) {
    before.reset();
    if (seq == 1) before = wire::LogPlace::start(log.id);
    if (seq == log.pruned.seq + 1) before = log.pruned;
    if (!before && seq > log.pruned.seq) found(log, std::format("an entry before {} is missing", seq));
  }
  if (before && before->after(row.link) != row.place) {
    found(log, std::format("entry {}: head or count does not follow from the one before", seq));
  }
  if (seq == log.pruned.seq && row.place != log.pruned) {
    found(log, std::format("entry {}: the record of what was pruned differs from its mark", seq));
  }
  if (seq > log.newest.seq) found(log, std::format("entry {} lies beyond the newest, {}", seq, log.newest.seq));
}

void LogWalk::judgeBody(const Log& log, const Row& row) {
  envelope_.reset();
  uint64_t seq = row.link.seq;
  bool isPruned = seq <= log.pruned.seq;
  if (isPruned && row.envelope) found(log, std::format("entry {} was pruned, but its envelope is there", seq));
  if (!isPruned && !row.envelope) found(log, std::format("entry {}: its envelope is missing", seq));
  if (isPruned || !row.envelope) return;
  if (crypto::sha256(*row.envelope) != row.link.envelope) {
    found(log, std::format("entry {}: its envelope is not the one that was stored", seq));
    return;
  }
  // Empty and not large: the client that gave the entry back after a restore did not have it (server/refill.h).
  bool welcomeFits =
      row.hasWelcome == row.welcome.has_value() &&
      (!row.welcome || row.isWelcomeLarge || row.welcome->empty() || crypto::sha256(*row.welcome) == row.link.welcome);
  if (!welcomeFits) found(log, std::format("entry {}: its Welcome is not the one that was stored", seq));
  auto envelope = wire::LogEnvelope::parse(*row.envelope, log.id);
  if (!envelope || envelope->terms().id != row.link.id || envelope->terms().kind() != row.link.kind) {
    found(log, std::format("entry {}: its terms are not what the log says of it", seq));
    return;
  }
  envelope_ = *std::move(envelope);
}

Result<void> LogWalk::judgeTerms(const wire::Terms& terms, uint64_t seq) {
  if (auto leaver = terms.leaver()) left_.insert(*leaver);
  const wire::CommitTerms* commit = terms.commit();
  if (commit == nullptr) return {};
  rosterAfter_ = commit->rosterAfter;
  left_.clear();
  for (const wire::RosterEntry& added : commit->added) {
    auto begins = TRY(database_.one<bool>(
        "SELECT EXISTS (SELECT 1 FROM rights WHERE log = ? AND account = ? AND device = ? AND first = ?)", key_,
        added.account, added.device, seq));
    if (!begins.value_or(false)) {
      findings_.add(std::format("log {}: entry {} adds a device, but no rights begin there",
                                toHex(TRY(Logs(database_).at(key_)).id.view()), seq));
    }
  }
  return {};
}

Result<void> LogWalk::judgeEnd(const Log& log) {
  wire::LogPlace last = place_ && place_->seq >= log.pruned.seq ? *place_ : log.pruned;
  if (last.seq < log.newest.seq) {
    found(log, std::format("entries {} to {} are missing", last.seq + 1, log.newest.seq));
  } else if (last.seq == log.newest.seq && last != log.newest) {
    found(log, "its head or count is not that of its newest entry");
  }
  auto without = TRY(database_.one<uint64_t>(
      "SELECT COUNT(*) FROM rights LEFT JOIN entry ON entry.log = rights.log AND entry.seq = rights.first "
      "WHERE rights.log = ? AND first > ? AND entry.kind IS NOT ?",
      key_, log.pruned.seq, wire::EntryKind::commit));
  if (without.value_or(0) != 0) found(log, std::format("rights of {} devices begin at no commit", *without));
  return judgeRoster(log);
}

// The roster is a function of the log alone, so the last commit's word on it must be the store's.
Result<void> LogWalk::judgeRoster(const Log& log) {
  if (!rosterAfter_) return {};
  wire::Roster roster = TRY(RightsTable(database_).roster(log));
  std::vector<wire::RosterEntry> then = roster.entries.values();
  then.insert(then.end(), left_.begin(), left_.end());
  wire::Roster before{log.id, wire::Sorted<wire::RosterEntry>(std::move(then))};
  if (before.hash() != *rosterAfter_) found(log, "its roster is not the one its newest commit left");
  return {};
}

}  // namespace qpq::server::store::sqlite
