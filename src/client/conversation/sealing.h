#pragma once

#include <variant>

#include "client/conversation/desk.h"
#include "client/conversation/plan.h"

namespace qpq::client::conversation {

// The group is not ready for it yet; a commit of somebody will make it so.
struct Waits {};
using Sealing = std::variant<store::Sealed, Moot, Waits, Error>;

// A row of the outbox as an envelope for the log as it is. The group has moved on with it: its keys are used, its
// commit is pending.
store::Result<Sealing> seal(Desk& desk, const store::Conversation& conversation, const store::OutboxRow& row);

}  // namespace qpq::client::conversation
