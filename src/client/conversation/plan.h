#pragma once

#include <expected>
#include <variant>

#include "client/conversation/desk.h"
#include "mls/group/group.h"

namespace qpq::client::conversation {

// There is nothing left to do: somebody was faster.
struct Moot {};
// What a commit for this wish shall do to the group as it is. An Error where nothing can come of the wish any more.
using Plan = std::variant<mls::CommitPlan, Moot, Error>;
store::Result<Plan> planFor(Desk& desk, const store::OutboxRow& row, const mls::Group& group);

// A group of one for the wish to begin a conversation, with the plan of its first commit.
struct Founded {
  mls::Group group;
  mls::CommitPlan plan;
};
store::Result<std::expected<Founded, Error>> foundGroup(Desk& desk, const store::OutboxRow& row);

}  // namespace qpq::client::conversation
