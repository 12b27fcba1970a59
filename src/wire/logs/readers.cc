#include "wire/logs/readers.h"

namespace qpq::wire {

namespace {

using Devices = std::map<RosterEntry, Rights>;

Result<void> end(Devices& devices, const RosterEntry& device, uint64_t seq) {
  auto found = devices.find(device);
  if (found == devices.end() || found->second.end) return fail(ErrorCode::notOnRoster);
  found->second.end = seq;
  return {};
}

Result<void> begin(Devices& devices, const RosterEntry& device, uint64_t seq) {
  auto [found, isNew] = devices.try_emplace(device);
  if (!isNew && !found->second.end) return fail(ErrorCode::alreadyOnRoster);
  found->second = {.begin = seq, .end = std::nullopt};
  return {};
}

Result<void> restore(Devices& devices, const RosterEntry& device) {
  auto found = devices.find(device);
  if (found == devices.end()) return fail(ErrorCode::neverHadRights);
  if (!found->second.end) return fail(ErrorCode::alreadyOnRoster);
  found->second.end.reset();
  return {};
}

}  // namespace

Result<Readers> Readers::after(uint64_t seq, const Terms& terms) const {
  Readers next = *this;
  if (auto leaver = terms.leaver()) TRY(end(next.devices, *leaver, seq));
  if (const CommitTerms* commit = terms.commit()) {
    for (const RosterEntry& device : commit->removed) TRY(end(next.devices, device, seq));
    for (const RosterEntry& device : commit->added) TRY(begin(next.devices, device, seq));
    for (const RosterEntry& device : commit->restored) TRY(restore(next.devices, device));
  }
  return next;
}

std::optional<Rights> Readers::find(const RosterEntry& device) const {
  auto found = devices.find(device);
  if (found == devices.end()) return std::nullopt;
  return found->second;
}

}  // namespace qpq::wire
