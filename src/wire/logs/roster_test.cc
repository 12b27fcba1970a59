#include "wire/logs/roster.h"

#include <set>

#include "support/seeded_random.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;
using sample::refusal;

Roster rosterOf(Sorted<RosterEntry> entries) { return {sample::kLog, std::move(entries)}; }

// A commit with these changes that declares this roster.
Terms commit(const RosterChange& change, const Sorted<RosterEntry>& after) {
  return sample::commitTerms({.removed = change.removed,
                              .added = change.added,
                              .restored = change.restored,
                              .rosterAfter = rosterOf(after).hash()});
}

TEST_CASE("a roster has the hash another program computed, whatever the order it was named in") {
  CHECK(toHex(rosterOf({}).hash()) == "61b1467c98f38f1af461fc812fe1ca0bb28443ea84b076550d3bdd8ec883a67a");
  CHECK(toHex(rosterOf({entry(2, 3), entry(1, 2), entry(1, 1)}).hash()) ==
        "452e2fb5aac76964046c4b37a004f76189c33916b860788d508171c302257a58");
  Roster elsewhere{sample::idOf<LogId>(0x11), {}};
  CHECK(elsewhere.hash() != rosterOf({}).hash());
}

TEST_CASE("a commit removes, then adds, then restores, each against what the one before left") {
  Roster before = rosterOf({entry(1, 1), entry(1, 2), entry(2, 3)});
  auto after = [&](RosterChange change, Sorted<RosterEntry> expected) {
    return before.after(commit(change, expected));
  };
  CHECK(after({}, before.entries) == before);
  CHECK(after({.removed = {entry(1, 1)}, .added = {entry(3, 5)}, .restored = {entry(2, 4)}},
              {entry(1, 2), entry(2, 3), entry(2, 4), entry(3, 5)}) ==
        rosterOf({entry(1, 2), entry(2, 3), entry(2, 4), entry(3, 5)}));
  // Re-added, and restored in the commit that removed it: both stand again.
  CHECK(after({.removed = {entry(1, 1)}, .added = {entry(1, 1)}}, before.entries) == before);
  CHECK(after({.removed = {entry(1, 1)}, .restored = {entry(1, 1)}}, before.entries) == before);
  CHECK(after({.removed = before.entries}, {}) == rosterOf({}));
}

TEST_CASE("changes that do not fit the roster are refused, each in its order") {
  Roster before = rosterOf({entry(1, 1), entry(2, 3)});
  auto refused = [&](RosterChange change) { return refusal(before.after(commit(change, before.entries))); };
  CHECK(refused({.removed = {entry(1, 2)}}) == ErrorCode::notOnRoster);
  CHECK(refused({.removed = {entry(1, 1), entry(9, 9)}}) == ErrorCode::notOnRoster);
  CHECK(refused({.added = {entry(1, 1)}}) == ErrorCode::alreadyOnRoster);
  CHECK(refused({.restored = {entry(2, 3)}}) == ErrorCode::alreadyOnRoster);
  CHECK(refused({.added = {entry(4, 4)}, .restored = {entry(4, 4)}}) == ErrorCode::alreadyOnRoster);
  CHECK(refused({.removed = {entry(1, 1)}, .added = {entry(1, 1)}, .restored = {entry(1, 1)}}) ==
        ErrorCode::alreadyOnRoster);
  // A device cannot be taken away because the same commit adds it.
  CHECK(refused({.removed = {entry(4, 4)}, .added = {entry(4, 4)}}) == ErrorCode::notOnRoster);
}

TEST_CASE("a commit that declares another roster than its changes make is refused") {
  Roster before = rosterOf({entry(1, 1)});
  CHECK(refusal(before.after(commit({.added = {entry(1, 2)}}, {entry(1, 1)}))) == ErrorCode::rosterDiffers);
  CHECK(refusal(before.after(commit({}, {}))) == ErrorCode::rosterDiffers);
  // Whose hash is of another log.
  Terms terms = sample::commitTerms({.rosterAfter = Roster{sample::idOf<LogId>(0x11), before.entries}.hash()});
  CHECK(refusal(before.after(terms)) == ErrorCode::rosterDiffers);
}

TEST_CASE("a leaver goes at its own entry, and must be there to go") {
  Roster before = rosterOf({entry(1, 1), entry(2, 3)});
  CHECK(before.after(sample::leaveTerms(entry(1, 1))) == rosterOf({entry(2, 3)}));
  CHECK(refusal(before.after(sample::leaveTerms(entry(1, 2)))) == ErrorCode::notOnRoster);
}

TEST_CASE("messages and asks change no roster") {
  Roster before = rosterOf({entry(1, 1)});
  CHECK(before.after(sample::messageTerms()) == before);
  CHECK(before.after(Terms{.id = sample::entryId(1), .body = ProposalTerms{}}) == before);
}

TEST_CASE("an account is on a roster by any of its devices") {
  Sorted<RosterEntry> entries = {entry(2, 1), entry(2, 9), entry(4, 1)};
  for (uint8_t account = 0; account < 6; ++account) {
    CHECK(holdsAccount(entries, sample::account(account)) == (account == 2 || account == 4));
  }
  CHECK_FALSE(holdsAccount({}, sample::account(1)));
}

Sorted<RosterEntry> randomEntries(test::SeededRandom& random) {
  std::vector<RosterEntry> entries;
  for (uint8_t a = 1; a <= 3; ++a) {
    for (uint8_t d = 1; d <= 3; ++d) {
      if (random.below(2) == 0) entries.push_back(entry(a, d));
    }
  }
  return entries;
}

TEST_CASE("the changes between any roster and any leaves lead from the one to the other") {
  test::SeededRandom random(11);
  for (int round = 0; round < 2000; ++round) {
    Roster before = rosterOf(randomEntries(random));
    Sorted<RosterEntry> leaves = randomEntries(random);
    std::vector<RosterEntry> fresh;
    for (const RosterEntry& leaf : leaves) {
      if (random.below(3) == 0) fresh.push_back(leaf);
    }
    RosterChange change = changeTo(before, leaves, fresh);
    auto after = before.after(commit(change, leaves));
    REQUIRE(after);
    CHECK(after->entries == leaves);
    CHECK(change.added == Sorted(fresh));
  }
}

TEST_CASE("a roster follows a plain model of sets through any history") {
  test::SeededRandom random(12);
  std::set<RosterEntry> model;
  Roster roster = rosterOf({});
  for (int step = 0; step < 3000; ++step) {
    RosterChange change{randomEntries(random), randomEntries(random), randomEntries(random)};
    // Mostly small changes, or hardly any would fit.
    if (random.below(4) != 0)
      change = {.removed = {entry(1, 1)}, .added = {change.added.empty() ? entry(1, 1) : change.added[0]}};
    auto next = model;
    bool fits = true;
    for (const auto& e : change.removed) fits &= next.erase(e) == 1;
    for (const auto& e : change.added) fits &= next.insert(e).second;
    for (const auto& e : change.restored) fits &= next.insert(e).second;
    auto after = roster.after(commit(change, std::vector(next.begin(), next.end())));
    REQUIRE(after.has_value() == fits);
    if (!fits) continue;
    model = next;
    roster = *after;
    CHECK(std::ranges::equal(roster.entries, model));
  }
}

}  // namespace
}  // namespace qpq::wire
