#include "server/pages.h"

#include <algorithm>

#include "server/limits.h"

namespace qpq::server {

namespace {

std::unexpected<store::Error> damaged() { return store::damaged("an entry between pruned and newest is missing"); }

// The place behind entry `seq`, which is not below what has been pruned.
store::Result<wire::LogPlace> placeAt(store::Tables& tables, const store::Log& log, uint64_t seq) {
  if (seq == log.pruned.seq) return log.pruned;
  auto mark = TRY(tables.logs.markAt(log.key, seq));
  if (!mark) return damaged();
  return mark->place();
}

store::Result<Page> readEntries(store::Tables& tables, const ServerKeys& keys, const ReadRequest& request,
                                const store::Log& log, const store::RightsTable::Next& stretch, uint64_t first,
                                Instant now) {
  Page page{.log = log.id};
  const wire::Rights& rights = stretch.rights;
  uint64_t last = std::min(rights.end.value_or(log.newest.seq), log.newest.seq);
  page.entries = TRY(tables.logs.read(log.key, first, last, rights.begin,
                                      std::clamp<std::size_t>(request.entriesMax, 1, kReadEntriesMax),
                                      std::min(request.bytesMax, kReadBytesMax)));
  if (page.entries.empty()) return damaged();
  uint64_t readTo = page.entries.back().link.seq;
  auto mark = TRY(tables.logs.markAt(log.key, readTo));
  if (!mark) return damaged();
  page.receipt = keys.sign(mark->leaf(keys.incarnation(), log.id));
  page.more = readTo < last || !stretch.isLast;
  page.ended = rights.end && readTo == *rights.end && stretch.isLast;
  page.open = !rights.end && !page.more;
  if (first == rights.begin) {
    page.start = keys.sign(log.id, TRY(placeAt(tables, log, first - 1)), now.unixMs);
  }
  return page;
}

}  // namespace

std::size_t Page::bytes() const {
  std::size_t sum = 0;
  auto inMemory = [](const store::Body& body) {
    const auto* bytes = std::get_if<Bytes>(&body);
    return bytes != nullptr ? bytes->size() : 0;
  };
  for (const store::Entry& entry : entries) {
    sum += inMemory(entry.envelope) + (entry.welcome ? inMemory(*entry.welcome) : 0);
  }
  return sum;
}

store::Result<ReadOutcome> readPage(store::Tables& tables, const ServerKeys& keys, const ReadRequest& request,
                                    Instant now) {
  auto log = TRY(tables.logs.find(request.log));
  if (!log) return NoRights{};
  // No cursor lies behind the newest entry: one at the end of the number space would read from the start.
  uint64_t after = std::min(request.after, log->newest.seq);
  auto stretch = TRY(tables.rights.next(log->key, request.reader, after));
  if (!stretch) {
    if (!TRY(tables.rights.find(log->key, request.reader))) return NoRights{};
    return Page{.log = log->id, .ended = true};
  }
  uint64_t first = std::max(after + 1, stretch->rights.begin);
  bool isCaughtUp = request.after == log->newest.seq && stretch->isLast && !stretch->rights.end;
  if (first > log->newest.seq) return Page{.log = log->id, .open = isCaughtUp};
  if (first <= log->pruned.seq) return Pruned{keys.sign(log->id, log->pruned, log->prunedMs)};
  return TRY(readEntries(tables, keys, request, *log, *stretch, first, now));
}

store::Result<std::optional<Page>> readTail(store::Tables& tables, const ServerKeys& keys, const LogId& log,
                                            uint64_t after) {
  auto found = TRY(tables.logs.find(log));
  if (!found || after < found->pruned.seq || after >= found->newest.seq) return std::nullopt;
  Page page{.log = log};
  constexpr uint64_t kNoWelcome = 0;
  page.entries =
      TRY(tables.logs.read(found->key, after + 1, found->newest.seq, kNoWelcome, kReadEntriesMax, kReadBytesMax));
  auto isMessage = [](const store::Entry& entry) { return entry.link.kind == wire::EntryKind::message; };
  if (page.entries.empty()) return damaged();
  if (!std::ranges::all_of(page.entries, isMessage)) return std::nullopt;
  uint64_t readTo = page.entries.back().link.seq;
  auto mark = TRY(tables.logs.markAt(found->key, readTo));
  if (!mark) return damaged();
  page.receipt = keys.sign(mark->leaf(keys.incarnation(), log));
  page.more = readTo < found->newest.seq;
  page.open = !page.more;
  return page;
}

store::Result<bool> isOpenTo(store::Tables& tables, const store::Log& log, const AccountId& account) {
  if (log.newest.commits == 0) return log.pair ? log.pair->holds(account) : log.creator == account;
  return tables.rights.holdsAccount(log.key, account);
}

store::Result<HeadOutcome> readHead(store::Tables& tables, const ServerKeys& keys, const wire::RosterEntry& reader,
                                    const LogId& log, uint64_t at, Instant now) {
  auto found = TRY(tables.logs.find(log));
  if (!found || !TRY(isOpenTo(tables, *found, reader.account))) return NoRights{};
  if (at == 0) return keys.sign(log, found->newest, now.unixMs);
  auto mark = TRY(tables.logs.markAt(found->key, at));
  if (!mark) return NoSuchEntry{};
  return keys.sign(log, mark->place(), now.unixMs);
}

}  // namespace qpq::server
