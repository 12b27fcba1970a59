#include "wire/logs/roster.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <vector>

namespace qpq::wire {

namespace {

using Entries = std::vector<RosterEntry>;

// All lists here are sorted, so every step is one pass over both.
Entries without(const auto& entries, const auto& taken) {
  Entries rest;
  std::ranges::set_difference(entries, taken, std::back_inserter(rest));
  return rest;
}
Entries with(const auto& entries, const auto& more) {
  Entries all;
  std::ranges::set_union(entries, more, std::back_inserter(all));
  return all;
}
Entries common(const auto& a, const auto& b) {
  Entries both;
  std::ranges::set_intersection(a, b, std::back_inserter(both));
  return both;
}

Result<Entries> take(const Entries& entries, const Sorted<RosterEntry>& removed) {
  if (!std::ranges::includes(entries, removed)) return fail(ErrorCode::notOnRoster);
  return without(entries, removed);
}
Result<Entries> add(const Entries& entries, const Sorted<RosterEntry>& added) {
  if (!common(entries, added).empty()) return fail(ErrorCode::alreadyOnRoster);
  return with(entries, added);
}

}  // namespace

bool holdsAccount(const Sorted<RosterEntry>& entries, const AccountId& account) {
  auto first = std::ranges::lower_bound(entries, account, {}, &RosterEntry::account);
  return first != entries.end() && first->account == account;
}

Result<Roster> Roster::after(const Terms& terms) const {
  if (auto leaver = terms.leaver()) return Roster{log, TRY(take(entries.values(), {*leaver}))};
  const CommitTerms* commit = terms.commit();
  if (commit == nullptr) return *this;
  Entries rest = TRY(take(entries.values(), commit->removed));
  Entries grown = TRY(add(rest, commit->added));
  Roster next{log, TRY(add(grown, commit->restored))};
  if (next.hash() != commit->rosterAfter) return fail(ErrorCode::rosterDiffers);
  return next;
}

Hash Roster::hash() const {
  Writer out;
  out.opaque(asBytes("qpq 1 roster"));
  write(out, log);
  write(out, entries);
  return crypto::sha256(out.view());
}

RosterChange changeTo(const Roster& before, const Sorted<RosterEntry>& leavesAfter,
                      const Sorted<RosterEntry>& newLeaves) {
  return {.removed = with(without(before.entries, leavesAfter), common(before.entries, newLeaves)),
          .added = newLeaves,
          .restored = without(without(leavesAfter, before.entries), newLeaves)};
}

}  // namespace qpq::wire
