#pragma once

#include "client/conversation/desk.h"
#include "client/conversation/page_check.h"
#include "mls/group/group.h"
#include "wire/logs/terms.h"

// Commits in their place: the only way a conversation changes.
namespace qpq::client::conversation {

// The own pending commit has been read back.
store::Result<void> mergeOwn(Desk& desk, store::Conversation& conversation, const store::OutboxRow& row,
                             core::Outcome& outcome);

// Somebody else's, which MLS finds valid: judged by the rules of its epoch, then applied or refused. Refused, it has
// used up a commit number and nothing else.
store::Result<void> takeCommit(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                               mls::Group& group, mls::StagedCommit staged, const wire::Terms& terms,
                               core::Outcome& outcome);

// A claim of `author` against the heads computed here: another history is an alarm that names its device's owner.
store::Result<void> compareClaim(Desk& desk, const LogId& log, const wire::Claim& claim, uint64_t seq,
                                 const AccountId& author, core::Outcome& outcome);

}  // namespace qpq::client::conversation
