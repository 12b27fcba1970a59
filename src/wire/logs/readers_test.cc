#include "wire/logs/readers.h"

#include "support/seeded_random.h"
#include "wire/logs/roster.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::entry;
using sample::refusal;

Terms commit(CommitTerms terms) { return sample::commitTerms(std::move(terms)); }

// Devices 1.1 and 2.3, since the first entry.
Readers begun() { return Readers{}.after(1, commit({.added = {entry(1, 1), entry(2, 3)}})).value(); }

TEST_CASE("rights begin at the entry that adds and end with the one that removes") {
  Readers readers = begun().after(7, commit({.removed = {entry(1, 1)}})).value();
  CHECK(readers.find(entry(1, 1)) == Rights{1, 7});
  CHECK(readers.find(entry(2, 3)) == Rights{1, std::nullopt});
  CHECK(readers.find(entry(9, 9)) == std::nullopt);
}

TEST_CASE("rights cover both their ends and nothing outside") {
  Rights ended{3, 7};
  for (uint64_t seq = 0; seq < 10; ++seq) CHECK(ended.covers(seq) == (seq >= 3 && seq <= 7));
  Rights open{3, std::nullopt};
  CHECK_FALSE(open.covers(2));
  CHECK(open.covers(3));
  CHECK(open.covers(UINT64_MAX));
}

TEST_CASE("a re-added device begins anew") {
  Readers readers = begun().after(7, commit({.removed = {entry(1, 1)}, .added = {entry(1, 1)}})).value();
  CHECK(readers.find(entry(1, 1)) == Rights{7, std::nullopt});
  readers = readers.after(8, commit({.removed = {entry(1, 1)}})).value();
  readers = readers.after(9, commit({.added = {entry(1, 1)}})).value();
  CHECK(readers.find(entry(1, 1)) == Rights{9, std::nullopt});
}

TEST_CASE("a restored device reads on as if its rights had not ended") {
  Readers readers = begun().after(7, commit({.removed = {entry(1, 1)}})).value();
  readers = readers.after(9, commit({.restored = {entry(1, 1)}})).value();
  CHECK(readers.find(entry(1, 1)) == Rights{1, std::nullopt});
}

TEST_CASE("a leaver's rights end with its own entry, and a mending commit restores them") {
  Readers readers = begun().after(7, sample::leaveTerms(entry(1, 1))).value();
  CHECK(readers.find(entry(1, 1)) == Rights{1, 7});
  CHECK(readers.after(8, commit({.restored = {entry(1, 1)}}))->find(entry(1, 1)) == Rights{1, std::nullopt});
}

TEST_CASE("rights that were never there are not restored, and none begin or end twice") {
  Readers readers = begun();
  CHECK(refusal(readers.after(7, commit({.restored = {entry(9, 9)}}))) == ErrorCode::neverHadRights);
  CHECK(refusal(readers.after(7, commit({.restored = {entry(1, 1)}}))) == ErrorCode::alreadyOnRoster);
  CHECK(refusal(readers.after(7, commit({.added = {entry(1, 1)}}))) == ErrorCode::alreadyOnRoster);
  CHECK(refusal(readers.after(7, commit({.removed = {entry(9, 9)}}))) == ErrorCode::notOnRoster);
  CHECK(refusal(readers.after(7, sample::leaveTerms(entry(9, 9)))) == ErrorCode::notOnRoster);
  Readers ended = readers.after(7, commit({.removed = {entry(1, 1)}})).value();
  CHECK(refusal(ended.after(8, commit({.removed = {entry(1, 1)}}))) == ErrorCode::notOnRoster);
  CHECK(readers == begun());
}

TEST_CASE("messages and asks change no rights") {
  CHECK(begun().after(7, sample::messageTerms()) == begun());
  CHECK(begun().after(7, Terms{.id = sample::entryId(1), .body = ProposalTerms{}}) == begun());
}

// A commit, or a leave, that moves one device off the roster or onto it in one of the ways there are.
Terms move(const RosterEntry& device, const Roster& roster, const Readers& readers, test::SeededRandom& random) {
  bool isThere = roster.holds(device);
  if (isThere && random.below(2) == 0) return sample::leaveTerms(device);
  std::vector<RosterEntry> after = roster.entries.values();
  if (isThere) {
    std::erase(after, device);
  } else {
    after.push_back(device);
  }
  bool isRestored = !isThere && readers.find(device) && random.below(2) == 0;
  RosterChange change = changeTo(roster, after, isThere || isRestored ? Sorted<RosterEntry>{} : Sorted{device});
  return commit({.removed = change.removed,
                 .added = change.added,
                 .restored = change.restored,
                 .rosterAfter = Roster{sample::kLog, after}.hash()});
}

TEST_CASE("whoever's rights have not ended is the roster, through any history") {
  test::SeededRandom random(13);
  Roster roster{sample::kLog, {}};
  Readers readers;
  for (uint64_t seq = 1; seq <= 3000; ++seq) {
    auto one = [&] { return static_cast<uint8_t>(1 + random.below(3)); };
    Terms terms = move(entry(one(), one()), roster, readers, random);
    roster = roster.after(terms).value();
    readers = readers.after(seq, terms).value();
    std::vector<RosterEntry> reading;
    for (const auto& [device, rights] : readers.devices) {
      if (!rights.end) reading.push_back(device);
      if (rights.end) CHECK(*rights.end >= rights.begin);
    }
    CHECK(roster.entries.values() == reading);
  }
}

}  // namespace
}  // namespace qpq::wire
