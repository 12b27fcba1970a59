#pragma once

#include <string>

#include "client/conversation/desk.h"

// The ends of what was wanted: everything that leaves the outbox leaves through here.
namespace qpq::client::conversation {

// It took effect, or there is nothing left to do.
store::Result<void> settle(Desk& desk, const store::OutboxRow& row, core::Outcome& outcome);
// Nothing can come of it any more; a message says why.
store::Result<void> giveUp(Desk& desk, const store::OutboxRow& row, Error problem, core::Outcome& outcome);
// This device's rights in the log are over: whatever was wanted of it is given up, and its secrets go.
store::Result<void> endConversation(Desk& desk, store::Conversation& conversation, const Who& by,
                                    core::Outcome& outcome);

}  // namespace qpq::client::conversation
