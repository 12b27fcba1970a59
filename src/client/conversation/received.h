#pragma once

#include "client/conversation/desk.h"
#include "client/conversation/page_check.h"
#include "wire/logs/envelope.h"

namespace qpq::client::conversation {

// An MLS message of somebody else, for a group this device is in: a text, a leave, or a commit.
store::Result<void> readMessage(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                                const wire::LogEnvelope& envelope, core::Outcome& outcome);

}  // namespace qpq::client::conversation
