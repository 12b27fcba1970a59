#include "server/retention.h"

#include <algorithm>

#include "server/bulk/uploads.h"
#include "server/limits.h"

namespace qpq::server {

sql::Result<std::vector<store::LogKey>> acknowledge(Write& write, const std::vector<Acknowledgement>& places) {
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

sql::Result<Pruning> prune(Write& write, store::LogKey key) {
  store::Log log = TRY(write.tables.logs.at(key));
  // Nobody waits for anything: nothing is kept.
  auto needed = TRY(write.tables.rights.firstNeeded(key));
  uint64_t last = needed ? std::min(*needed - 1, log.newest.seq) : log.newest.seq;
  last = std::max(last, TRY(write.tables.logs.lastOlder(log, (write.now - kEntryLifeMs).unixMs)).value_or(0));
  if (last <= log.pruned.seq) return Pruning::done;
  uint64_t step = std::min<uint64_t>(last, log.pruned.seq + kSweepRowsMax);
  for (const wire::Hash& file : TRY(write.tables.logs.prune(log, step, write.now.unixMs))) write.mayBeUnnamed(file);
  TRY(write.tables.rights.forgetUpTo(key, step));
  return step < last ? Pruning::goesOn : Pruning::done;
}

sql::Result<Pruning> sweep(Write& write) {
  // One log is enough for one transaction: it may hold kSweepRowsMax entries.
  auto aged = TRY(write.tables.logs.withOlder((write.now - kEntryLifeMs).unixMs, 1));
  for (store::LogKey log : aged) TRY(prune(write, log));
  uint64_t gone = TRY(write.tables.logs.forgetMarks((write.now - kEntryIdLifeMs).unixMs, kSweepRowsMax));
  gone += TRY(write.tables.keyPackages.sweep(write.now.unixMs, (write.now - kTakeMemoryMs).unixMs, kSweepRowsMax));
  gone += TRY(sweepHoldings(write));
  return aged.empty() && gone == 0 ? Pruning::done : Pruning::goesOn;
}

}  // namespace qpq::server
