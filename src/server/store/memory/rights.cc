#include <algorithm>

#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

namespace {

struct Placed {
  RightsPlace place;
  Stretch stretch;

  const wire::RosterEntry& device() const { return std::get<wire::RosterEntry>(place); }
  uint64_t first() const { return std::get<uint64_t>(place); }
  wire::Rights rights() const { return {first(), stretch.last}; }
};

// By device, of each by its first entry.
std::vector<Placed> stretchesOf(const Data& data, LogKey log) {
  std::vector<Placed> found;
  auto row = data.rights.from({log, {}, 0});
  for (; row != data.rights.rows().end() && std::get<LogKey>(row->first) == log; ++row) {
    found.push_back({row->first, row->second});
  }
  return found;
}

std::vector<Placed> stretchesOf(const Data& data, LogKey log, const wire::RosterEntry& device) {
  std::vector<Placed> found;
  auto row = data.rights.from({log, device, 0});
  for (; row != data.rights.rows().end(); ++row) {
    if (std::get<LogKey>(row->first) != log || std::get<wire::RosterEntry>(row->first) != device) break;
    found.push_back({row->first, row->second});
  }
  return found;
}

}  // namespace

Result<std::optional<wire::Rights>> RightsTable::find(LogKey log, const wire::RosterEntry& device) {
  auto stretches = stretchesOf(data_, log, device);
  if (stretches.empty()) return std::nullopt;
  return stretches.back().rights();
}

Result<std::optional<RightsTable::Next>> RightsTable::next(LogKey log, const wire::RosterEntry& device,
                                                           uint64_t after) {
  auto stretches = stretchesOf(data_, log, device);
  std::erase_if(stretches, [&](const Placed& one) { return one.stretch.last && *one.stretch.last <= after; });
  if (stretches.empty()) return std::nullopt;
  return Next{stretches.front().rights(), stretches.size() == 1};
}

Result<bool> RightsTable::holdsAccount(LogKey log, const AccountId& account) {
  return std::ranges::any_of(stretchesOf(data_, log),
                             [&](const Placed& one) { return one.device().account == account && !one.stretch.last; });
}

Result<wire::Roster> RightsTable::roster(const Log& log) {
  std::vector<wire::RosterEntry> entries;
  for (const Placed& one : stretchesOf(data_, log.key)) {
    if (!one.stretch.last) entries.push_back(one.device());
  }
  return wire::Roster{log.id, wire::Sorted<wire::RosterEntry>(std::move(entries))};
}

Result<void> RightsTable::put(LogKey log, const wire::RosterEntry& device, const wire::Rights& rights) {
  TRY(data_.mayWrite());
  for (Placed& one : stretchesOf(data_, log, device)) {
    bool reachesInto = one.first() < rights.begin && (!one.stretch.last || *one.stretch.last >= rights.begin);
    if (!reachesInto) continue;
    one.stretch.last = rights.begin - 1;
    data_.rights.put(one.place, one.stretch);
  }
  RightsPlace place{log, device, rights.begin};
  const Stretch* before = data_.rights.find(place);
  data_.rights.put(place, {rights.end, before != nullptr ? before->acked : 0});
  return {};
}

Result<bool> RightsTable::acknowledge(LogKey log, const wire::RosterEntry& device, uint64_t seq) {
  TRY(data_.mayWrite());
  bool changed = false;
  for (Placed& one : stretchesOf(data_, log, device)) {
    uint64_t acked = std::min(seq, one.stretch.last.value_or(seq));
    if (one.first() > seq || one.stretch.acked >= acked) continue;
    one.stretch.acked = acked;
    data_.rights.put(one.place, one.stretch);
    changed = true;
  }
  return changed;
}

Result<std::optional<uint64_t>> RightsTable::firstNeeded(LogKey log) {
  std::optional<uint64_t> needed;
  for (const Placed& one : stretchesOf(data_, log)) {
    if (one.stretch.last && one.stretch.acked >= *one.stretch.last) continue;
    uint64_t first = std::max(one.stretch.acked + 1, one.first());
    needed = std::min(needed.value_or(first), first);
  }
  return needed;
}

Result<void> RightsTable::forgetUpTo(LogKey log, uint64_t seq) {
  TRY(data_.mayWrite());
  auto stretches = stretchesOf(data_, log);
  for (std::size_t i = 0; i + 1 < stretches.size(); ++i) {
    bool isNewest = stretches[i + 1].device() != stretches[i].device();
    const auto& last = stretches[i].stretch.last;
    if (!isNewest && last && *last <= seq) data_.rights.erase(stretches[i].place);
  }
  return {};
}

}  // namespace qpq::server::store::memory
