#include "server/retention.h"

#include <algorithm>

#include "server/bulk/uploads.h"
#include "server/limits.h"

namespace qpq::server {

store::Result<std::vector<store::LogKey>> acknowledge(Write& write, const std::vector<Acknowledgement>& places) {
  std::vector<store::LogKey> changed;
  for (const Acknowledgement& place : places) {
    auto log = TRY(write.tables.logs.find(place.log));
    if (!log) continue;
    uint64_t seq = std::min(place.seq, log->newest.seq);
    if (TRY(write.tables.rights.acknowledge(log->key, place.device, seq))) changed.push_back(log->key);
  }
  std::ranges::sort(changed);
  auto again = std::ranges::unique(changed);
  changed.erase(again.begin(), again.end());
  return changed;
}

namespace {

// The last entry that nobody waits for.
store::Result<uint64_t> lastUnneeded(Write& write, const store::Log& log) {
  auto needed = TRY(write.tables.rights.firstNeeded(log.key));
  return needed ? std::min(*needed - 1, log.newest.seq) : log.newest.seq;
}

store::Result<Pruning> pruneUpTo(Write& write, store::Log log, uint64_t last) {
  if (last <= log.pruned.seq) return Pruning::done;
  uint64_t step = std::min<uint64_t>(last, log.pruned.seq + kSweepRowsMax);
  for (const wire::Hash& file : TRY(write.tables.logs.prune(log, step, write.now.unixMs))) write.mayBeUnnamed(file);
  TRY(write.tables.rights.forgetUpTo(log.key, step));
  return step < last ? Pruning::goesOn : Pruning::done;
}

}  // namespace

store::Result<Pruning> prune(Write& write, store::LogKey key) {
  store::Log log = TRY(write.tables.logs.at(key));
  return pruneUpTo(write, log, TRY(lastUnneeded(write, log)));
}

store::Result<Instant> growOlder(Write& write, uint64_t servedMs) {
  auto before = TRY(write.tables.state.age());
  Instant age = before ? std::max(*before, std::min(write.now, *before + 2 * servedMs)) : write.now;
  if (age != before) TRY(write.tables.state.setAge(age));
  return std::min(age, write.now);
}

store::Result<Pruning> sweep(Write& write, Instant age) {
  Instant entriesFrom = age - kEntryLifeMs;
  // One log is enough for one transaction: it may hold kSweepRowsMax entries.
  auto aged = TRY(write.tables.logs.withOlder(entriesFrom.unixMs, 1));
  for (store::LogKey key : aged) {
    store::Log log = TRY(write.tables.logs.at(key));
    uint64_t older = TRY(write.tables.logs.lastOlder(log, entriesFrom.unixMs)).value_or(0);
    TRY(pruneUpTo(write, log, std::max(older, TRY(lastUnneeded(write, log)))));
  }
  uint64_t gone = TRY(write.tables.logs.forgetMarks((age - kEntryIdLifeMs).unixMs, kSweepRowsMax));
  gone += TRY(write.tables.keyPackages.sweep(age.unixMs, (age - kTakeMemoryMs).unixMs, kSweepRowsMax));
  gone += TRY(sweepHoldings(write, age));
  return aged.empty() && gone == 0 ? Pruning::done : Pruning::goesOn;
}

}  // namespace qpq::server
