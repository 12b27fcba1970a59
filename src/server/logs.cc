#include "server/logs.h"

#include "loop/co_try.h"
#include "server/limits.h"

namespace qpq::server {

namespace {

store::Result<CreateOutcome> createIn(Write& write, const AccountId& creator, const LogId& log) {
  store::Logs& logs = write.tables.logs;
  if (auto existing = TRY(logs.find(log))) {
    if (existing->creator == creator && !existing->pair) return Created{};
    return LogTaken{};
  }
  uint64_t today = TRY(logs.begunBetween(creator, (write.now - kDayMs).unixMs, write.now.unixMs));
  if (today >= kLogsPerAccountAndDay) return LogLimit{kLogsPerAccountAndDay};
  TRY(logs.add({log, creator, {}}, write.now.unixMs));
  return Created{};
}

struct DirectRequest {
  AccountId opener;
  AccountId other;
  std::optional<LogId> replaces;
  LogId fresh;  // the id to use if a log is begun: drawn on the loop, where the randomness lives
};

store::Result<DirectOutcome> openIn(Write& write, const DirectRequest& request) {
  store::Tables& tables = write.tables;
  if (!TRY(tables.accounts.deviceList(request.other))) return NoSuchPartner{};
  auto pair = store::Pair::of(request.opener, request.other);
  auto current = TRY(tables.direct.find(pair));
  if (current && request.replaces != current) return OpenedDirect{*current};
  if (uint64_t afterMs = write.rates.direct.take(request.opener.view(), write.now)) return TooOften{afterMs};
  TRY(tables.logs.add({request.fresh, request.opener, pair}, write.now.unixMs));
  TRY(tables.direct.put(pair, request.fresh));
  if (!current) return OpenedDirect{request.fresh};

  TRY(tables.logs.succeed(*current, request.fresh));
  auto old = TRY(tables.logs.find(*current));
  for (const AccountId& account : {pair.low, pair.high}) {
    if (!old || !TRY(tables.inbox.lists(account, old->key))) continue;
    write.news.indexes.push_back({account, TRY(tables.inbox.touch(account, old->key))});
    if (pair.low == pair.high) break;
  }
  return OpenedDirect{request.fresh};
}

// A log of the reader's account, as one of its devices sees it.
store::Result<IndexedLog> indexed(store::Tables& tables, const wire::RosterEntry& reader,
                                  const store::InboxEntry& entry) {
  store::Log log = TRY(tables.logs.at(entry.log));
  IndexedLog seen{.change = entry.change, .log = log.id, .successor = log.successor};
  if (auto rights = TRY(tables.rights.find(log.key, reader))) {
    seen.rightsFrom = rights->begin;
    seen.rightsEnd = rights->end.value_or(0);
    seen.hasRights = !rights->end;
  }
  if (log.pair) seen.direct = log.pair->other(reader.account);
  return seen;
}

store::Result<IndexPage> indexIn(store::Tables& tables, const wire::RosterEntry& reader, uint64_t since) {
  auto entries = TRY(tables.inbox.read(reader.account, since, kIndexEntriesMax + 1));
  bool more = entries.size() > kIndexEntriesMax;
  if (more) entries.pop_back();
  uint64_t change = entries.empty() ? TRY(tables.inbox.newest(reader.account)) : entries.back().change;
  IndexPage page{change, {}, more};
  for (const store::InboxEntry& entry : entries) page.entries.push_back(TRY(indexed(tables, reader, entry)));
  return page;
}

}  // namespace

Answer<CreateOutcome> Logs::create(AccountId creator, LogId log) {
  return writer_.run([creator, log](Write& write) { return createIn(write, creator, log); });
}

Answer<DirectOutcome> Logs::openDirect(AccountId opener, AccountId other, std::optional<LogId> replaces) {
  DirectRequest request{opener, other, replaces, LogId::random(random_)};
  return writer_.run([request](Write& write) { return openIn(write, request); });
}

Answer<AppendOutcome> Logs::append(AppendRequest request) {
  WriteQueue::About about{request.log, request.envelope.size() + request.welcome.size()};
  return writer_.run(about, [request = std::move(request)](Write& write) { return server::append(write, request); });
}

Answer<RefillOutcome> Logs::refill(RefillRequest request) {
  if (!isOurs(request.receipt, keys_)) return std::expected<RefillOutcome, Unavailable>(RefillUnproven{});
  WriteQueue::About about{request.log};
  for (const RefilledEntry& entry : request.entries) about.bytes += entry.envelope.size() + entry.welcome.size();
  return writer_.run(about, [request = std::move(request)](Write& write) { return server::refill(write, request); });
}

Answer<ReadOutcome> Logs::read(ReadRequest request) {
  return reader_.run([&keys = keys_, now = clock_.now(), request](store::Tables& tables) {
    return readPage(tables, keys, request, now);
  });
}

Answer<std::optional<Page>> Logs::tail(LogId log, uint64_t after) {
  return reader_.run([&keys = keys_, log, after](store::Tables& tables) { return readTail(tables, keys, log, after); });
}

Answer<HeadOutcome> Logs::head(wire::RosterEntry reader, LogId log, uint64_t at) {
  return reader_.run([&keys = keys_, now = clock_.now(), reader, log, at](store::Tables& tables) {
    return readHead(tables, keys, reader, log, at, now);
  });
}

Answer<IndexPage> Logs::index(wire::RosterEntry reader, uint64_t since) {
  return reader_.run([reader, since](store::Tables& tables) { return indexIn(tables, reader, since); });
}

}  // namespace qpq::server
