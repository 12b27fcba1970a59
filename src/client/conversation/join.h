#pragma once

#include "client/conversation/desk.h"
#include "client/conversation/page_check.h"
#include "wire/inside/leaves.h"

namespace qpq::client::conversation {

enum class Joined { yes, no };
// Enters the group by the Welcome that came with the entry, instead of whatever state there was. Where that cannot be,
// an Unreadable says why and nothing has changed: lostKeyPackage (no private half of ours fits), badCommit (the group
// is not what its entry says, or not one of ours).
store::Result<Joined> join(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                           core::Outcome& outcome);

// Pins the account keys of everybody in a group; one that differs from the pinned one is an alarm.
store::Result<void> meetMembers(Desk& desk, const LogId& log, const wire::Leaves& leaves, core::Outcome& outcome);

}  // namespace qpq::client::conversation
