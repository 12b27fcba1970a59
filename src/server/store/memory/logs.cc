#include <algorithm>

#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

namespace {

std::optional<EntryMark> markFrom(const EntryRow* row) {
  if (row == nullptr) return std::nullopt;
  return EntryMark{row->link.seq, row->link.id, row->link.envelope, row->place.head, row->place.commits, row->timeMs};
}

Body keptBody(const std::variant<ByteView, LargePart>& part) {
  const auto* bytes = std::get_if<ByteView>(&part);
  return bytes != nullptr ? Body(toBytes(*bytes)) : Body(std::get<LargePart>(part));
}

LargePlace largePlace(const EntryRow& entry, LogKey log, BodyPart part) {
  return {part == BodyPart::envelope ? entry.link.envelope : entry.link.welcome, log, entry.link.seq, part};
}

const LargePart* largeIn(const BodyRow& row, BodyPart part) {
  if (part == BodyPart::envelope) return std::get_if<LargePart>(&row.envelope);
  return row.welcome ? std::get_if<LargePart>(&*row.welcome) : nullptr;
}

constexpr BodyPart kParts[] = {BodyPart::envelope, BodyPart::welcome};

}  // namespace

Result<std::optional<Log>> Logs::find(const LogId& log) {
  const LogKey* key = data_.logIds.find(log);
  if (key == nullptr) return std::nullopt;
  return at(*key);
}

Result<Log> Logs::at(LogKey key) {
  const LogRow* row = data_.logs.find(key);
  if (row == nullptr) return damaged("a log key leads nowhere");
  return row->log;
}

Result<void> Logs::add(const NewLog& log, uint64_t nowMs) {
  TRY(data_.mayWrite());
  if (data_.logIds.find(log.id) != nullptr) return failed("there is a log of this id");
  wire::LogPlace start = wire::LogPlace::start(log.id);
  LogKey key{data_.freshKey()};
  data_.logs.put(key, {.log = {.key = key,
                               .id = log.id,
                               .creator = log.creator,
                               .pair = log.pair,
                               .successor = {},
                               .newest = start,
                               .pruned = start},
                       .createdMs = nowMs,
                       .appendToken = {},
                       .oldestMs = {}});
  data_.logIds.put(log.id, key);
  return {};
}

Result<void> Logs::succeed(const LogId& log, const LogId& successor) {
  TRY(data_.mayWrite());
  const LogKey* key = data_.logIds.find(log);
  if (key == nullptr) return {};
  LogRow row = *data_.logs.find(*key);
  row.log.successor = successor;
  data_.logs.put(*key, std::move(row));
  return {};
}

Result<void> Logs::append(Log& log, const NewEntry& entry) {
  TRY(data_.mayWrite());
  uint64_t seq = entry.link.seq;
  const LogRow* before = data_.logs.find(log.key);
  bool isTaken =
      data_.entries.find({log.key, seq}) != nullptr || data_.entryIds.find({log.key, entry.link.id}) != nullptr;
  if (before == nullptr || isTaken) return failed("no such log, or its entry is there already");
  const EntryRow row{entry.link, entry.welcome.has_value(), entry.place, entry.timeMs};
  BodyRow body{keptBody(entry.envelope), std::nullopt};
  if (entry.welcome) body.welcome = keptBody(*entry.welcome);
  for (BodyPart part : kParts) {
    if (const LargePart* large = largeIn(body, part)) data_.large.put(largePlace(row, log.key, part), large->size);
  }
  data_.entries.put({log.key, seq}, row);
  data_.entryIds.put({log.key, entry.link.id}, seq);
  data_.bodies.put({log.key, seq}, std::move(body));
  LogRow moved = *before;
  moved.log.newest = entry.place;
  if (!moved.oldestMs) moved.oldestMs = entry.timeMs;
  data_.logs.put(log.key, std::move(moved));
  log.newest = entry.place;
  return {};
}

Result<void> Logs::setAppendToken(LogKey log, ByteView tokenHash) {
  TRY(data_.mayWrite());
  const LogRow* before = data_.logs.find(log);
  if (before == nullptr) return {};
  LogRow row = *before;
  row.appendToken = toBytes(tokenHash);
  data_.logs.put(log, std::move(row));
  return {};
}

Result<std::optional<EntryMark>> Logs::markOf(LogKey log, const EntryId& entry) {
  const uint64_t* seq = data_.entryIds.find({log, entry});
  if (seq == nullptr) return std::nullopt;
  return markAt(log, *seq);
}

Result<std::optional<EntryMark>> Logs::markAt(LogKey log, uint64_t seq) {
  return markFrom(data_.entries.find({log, seq}));
}

Result<std::optional<EntryMark>> Logs::markOfLarge(LogKey log, const wire::Hash& envelope) {
  auto row = data_.large.from({envelope, log, 0, BodyPart{}});
  for (; row != data_.large.rows().end(); ++row) {
    const auto& [hash, key, seq, part] = row->first;
    if (hash != envelope || key != log) break;
    if (part == BodyPart::envelope) return markAt(log, seq);
  }
  return std::nullopt;
}

Result<std::optional<Logs::LargeBody>> Logs::large(LogKey log, uint64_t seq, BodyPart part) {
  const BodyRow* body = data_.bodies.find({log, seq});
  const LargePart* large = body != nullptr ? largeIn(*body, part) : nullptr;
  if (large == nullptr) return std::nullopt;
  return LargeBody{std::get<wire::Hash>(largePlace(*data_.entries.find({log, seq}), log, part)), large->size};
}

Result<std::vector<Entry>> Logs::read(LogKey log, uint64_t first, uint64_t last, uint64_t welcomeAt,
                                      std::size_t entriesMax, std::size_t bytesMax) {
  std::vector<Entry> entries;
  std::size_t bytes = 0;
  auto row = data_.bodies.from({log, first});
  for (; row != data_.bodies.rows().end() && row->first <= EntryPlace{log, last}; ++row) {
    const EntryRow& entry = *data_.entries.find(row->first);
    std::optional<Body> welcome;
    if (entry.link.seq == welcomeAt) welcome = row->second.welcome;
    bytes += sizeOf(row->second.envelope) + (welcome ? sizeOf(*welcome) : 0);
    if (entries.size() == entriesMax || (!entries.empty() && bytes > bytesMax)) break;
    entries.push_back({entry.link, entry.hasWelcome, row->second.envelope, std::move(welcome)});
  }
  return entries;
}

Result<std::optional<uint64_t>> Logs::lastOlder(const Log& log, uint64_t beforeMs) {
  uint64_t last = log.newest.seq;
  auto row = data_.entries.from({log.key, log.pruned.seq + 1});
  for (; row != data_.entries.rows().end() && row->first.first == log.key; ++row) {
    if (row->second.timeMs < beforeMs) continue;
    last = row->first.second - 1;
    break;
  }
  if (last <= log.pruned.seq) return std::nullopt;
  return last;
}

Result<std::vector<wire::Hash>> Logs::prune(Log& log, uint64_t seq, uint64_t nowMs) {
  TRY(data_.mayWrite());
  auto mark = TRY(markAt(log.key, seq));
  if (!mark) return damaged("an entry to be pruned is not there");
  std::vector<wire::Hash> files;
  for (uint64_t gone = log.pruned.seq + 1; gone <= seq; ++gone) {
    const BodyRow* body = data_.bodies.find({log.key, gone});
    if (body == nullptr) continue;
    for (BodyPart part : kParts) {
      if (largeIn(*body, part) == nullptr) continue;
      LargePlace place = largePlace(*data_.entries.find({log.key, gone}), log.key, part);
      data_.large.erase(place);
      files.push_back(std::get<wire::Hash>(place));
    }
    data_.bodies.erase({log.key, gone});
  }
  log.pruned = mark->place();
  log.prunedMs = nowMs;
  LogRow row = *data_.logs.find(log.key);
  row.log.pruned = log.pruned;
  row.log.prunedMs = nowMs;
  const EntryRow* oldest = data_.entries.find({log.key, seq + 1});
  row.oldestMs = oldest != nullptr ? std::optional(oldest->timeMs) : std::nullopt;
  data_.logs.put(log.key, std::move(row));
  return files;
}

Result<uint64_t> Logs::begunBetween(const AccountId& creator, uint64_t afterMs, uint64_t untilMs) {
  uint64_t count = 0;
  for (const auto& [key, row] : data_.logs.rows()) {
    if (row.log.creator == creator && row.createdMs > afterMs && row.createdMs <= untilMs) ++count;
  }
  return count;
}

Result<std::vector<LogKey>> Logs::withOlder(uint64_t beforeMs, std::size_t logsMax) {
  std::vector<std::pair<uint64_t, LogKey>> older;
  for (const auto& [key, row] : data_.logs.rows()) {
    if (row.oldestMs && *row.oldestMs < beforeMs) older.emplace_back(*row.oldestMs, key);
  }
  std::ranges::sort(older);
  std::vector<LogKey> keys;
  for (std::size_t i = 0; i < std::min(older.size(), logsMax); ++i) keys.push_back(older[i].second);
  return keys;
}

Result<uint64_t> Logs::forgetMarks(uint64_t beforeMs, std::size_t rowsMax) {
  TRY(data_.mayWrite());
  std::vector<std::pair<uint64_t, EntryPlace>> old;
  for (const auto& [place, entry] : data_.entries.rows()) {
    bool isPruned = place.second <= data_.logs.find(place.first)->log.pruned.seq;
    if (isPruned && entry.timeMs < beforeMs) old.emplace_back(entry.timeMs, place);
  }
  std::ranges::sort(old);
  old.resize(std::min(old.size(), rowsMax));
  for (const auto& [timeMs, place] : old) {
    data_.entryIds.erase({place.first, data_.entries.find(place)->link.id});
    data_.entries.erase(place);
  }
  return old.size();
}

}  // namespace qpq::server::store::memory
