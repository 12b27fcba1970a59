#pragma once

#include <optional>

#include "wire/error.h"
#include "wire/inside/conversation.h"
#include "wire/inside/leaves.h"
#include "wire/logs/terms.h"
#include "wire/sorted.h"
#include "wire/types.h"

namespace qpq::wire {

// What a newcomer has before it: the group its Welcome leads into, and the entry the Welcome came with.
struct Joining {
  LogId log;
  RosterEntry self;
  EntryPlace entry;
  Terms terms;  // of GroupInfo's extension 0xF0C2
  Conversation conversation;
  Leaves leaves;
  // For a direct log: the pair it was opened for, as this account knows it.
  std::optional<Sorted<AccountId, 2>> knownPair;
};

// The newcomer's requirements, beyond those of MLS: the terms are a commit's and fit the entry; it adds this device;
// the roster after it is the tree's leaves; a direct conversation is with whom it should be, and with nobody else.
//   kindDiffers, otherEntryId, otherKind, otherCommitsSeen, newestNotBelow, newcomerNotAdded, rosterNotLeaves,
//   otherPair, accountNotOfPair
Result<void> checkJoin(const Joining& joining);

}  // namespace qpq::wire
