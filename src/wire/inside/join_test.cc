#include "wire/inside/join.h"

#include "wire/logs/roster.h"
#include "wire/samples_test.h"

namespace qpq::wire {
namespace {

using sample::account;
using sample::entry;
using sample::refusal;
using sample::verified;

Joining joining() {
  Leaves leaves = Leaves::check({verified(1, 1), verified(2, 2)}).value();
  CommitTerms commit{.newest = {.seq = 8, .head = sample::hash(1)},
                     .added = {entry(2, 2)},
                     .rosterAfter = Roster{sample::kLog, leaves.entries()}.hash()};
  return {.log = sample::kLog,
          .self = entry(2, 2),
          .entry = {.seq = 9, .kind = EntryKind::commit, .id = sample::entryId(3), .commitsBefore = 5},
          .terms = sample::commitTerms(std::move(commit)),
          .conversation = newGroup(account(1), {}),
          .leaves = std::move(leaves),
          .knownPair = std::nullopt};
}
CommitTerms& commitOf(Joining& joining) { return std::get<CommitTerms>(joining.terms.body); }

TEST_CASE("a newcomer joins where the commit, the entry and the tree agree") { CHECK(checkJoin(joining())); }

TEST_CASE("the terms are those of the commit the Welcome came with") {
  Joining changed = joining();
  changed.terms = sample::messageTerms();
  CHECK(refusal(checkJoin(changed)) == ErrorCode::kindDiffers);
  changed = joining();
  changed.entry.kind = EntryKind::message;
  CHECK(refusal(checkJoin(changed)) == ErrorCode::otherKind);
  changed = joining();
  changed.entry.id = sample::entryId(4);
  CHECK(refusal(checkJoin(changed)) == ErrorCode::otherEntryId);
  changed = joining();
  changed.entry.commitsBefore = 6;
  CHECK(refusal(checkJoin(changed)) == ErrorCode::otherCommitsSeen);
}

TEST_CASE("what its committer had seen lies below the entry") {
  Joining changed = joining();
  for (uint64_t seq : {uint64_t{9}, uint64_t{10}, UINT64_MAX}) {
    commitOf(changed).newest.seq = seq;
    CHECK(refusal(checkJoin(changed)) == ErrorCode::newestNotBelow);
  }
}

TEST_CASE("the commit adds this device, and its roster is the tree's leaves") {
  Joining changed = joining();
  commitOf(changed).added = {entry(2, 3)};
  CHECK(refusal(checkJoin(changed)) == ErrorCode::newcomerNotAdded);
  changed = joining();
  commitOf(changed).rosterAfter[0] ^= 1;
  CHECK(refusal(checkJoin(changed)) == ErrorCode::rosterNotLeaves);
  changed = joining();
  changed.leaves = Leaves::check({verified(1, 1), verified(2, 2), verified(3, 3)}).value();
  CHECK(refusal(checkJoin(changed)) == ErrorCode::rosterNotLeaves);
  changed = joining();
  changed.log = sample::idOf<LogId>(0x11);
  CHECK(refusal(checkJoin(changed)) == ErrorCode::rosterNotLeaves);
}

TEST_CASE("a direct log leads to a conversation with its pair and nobody else") {
  Joining direct = joining();
  direct.conversation = newDirect(account(1), account(2));
  direct.knownPair = Sorted<AccountId, 2>{account(1), account(2)};
  CHECK(checkJoin(direct));
  Joining changed = direct;
  changed.knownPair = Sorted<AccountId, 2>{account(2), account(3)};
  CHECK(refusal(checkJoin(changed)) == ErrorCode::otherPair);
  changed = direct;
  changed.conversation = newGroup(account(1), {});
  CHECK(refusal(checkJoin(changed)) == ErrorCode::otherPair);
  changed = direct;
  changed.leaves = Leaves::check({verified(1, 1), verified(2, 2), verified(3, 3)}).value();
  commitOf(changed).rosterAfter = Roster{sample::kLog, changed.leaves.entries()}.hash();
  CHECK(refusal(checkJoin(changed)) == ErrorCode::accountNotOfPair);
}

}  // namespace
}  // namespace qpq::wire
