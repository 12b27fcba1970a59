#pragma once

#include "client/conversation/desk.h"
#include "client/conversation/page_check.h"

namespace qpq::client::conversation {

// What one entry means to this device. `conversation` stands at entry.before and is changed to what it is after the
// entry, but for its place; the caller writes it in the same transaction. Whatever the bytes are, this succeeds: what
// cannot be read is told by its cause, and reading goes on.
store::Result<void> readEntry(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                              core::Outcome& outcome);

// Since when a commit of some member is due, because of a leave that waits or a roster that is not the leaves.
store::Result<void> noteMending(Desk& desk, store::Conversation& conversation);

}  // namespace qpq::client::conversation
