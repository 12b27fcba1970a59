#include "client/conversation/settle.h"

namespace qpq::client::conversation {

store::Result<void> settle(Desk& desk, const store::OutboxRow& row, core::Outcome& outcome) {
  TRY(desk.tables.outbox.end(row.id));
  desk.accepted.erase(row.id);
  outcome.settled.push_back({row.log, row.id, std::nullopt});
  return {};
}

store::Result<void> giveUp(Desk& desk, const store::OutboxRow& row, Error problem, core::Outcome& outcome) {
  if (row.wish == store::Wish::message) {
    TRY(desk.tables.messages.fail(row.log, desk.self().device, row.id, problem.what));
  }
  if (row.wish == store::Wish::found) {
    TRY(desk.groups.forget(row.log));
  } else if (store::isCommit(row.wish) && row.sealed) {
    mls::Group* group = TRY(desk.groups.open(row.log));
    if (group != nullptr) group->discard();
  }
  TRY(desk.tables.outbox.end(row.id));
  desk.accepted.erase(row.id);
  outcome.settled.push_back({row.log, row.id, std::move(problem)});
  return {};
}

store::Result<void> endConversation(Desk& desk, store::Conversation& conversation, const Who& by,
                                    core::Outcome& outcome) {
  for (const store::OutboxRow& row : TRY(desk.tables.outbox.rows(conversation.log))) {
    TRY(giveUp(desk, row, {ErrorCode::notMember, "You are no longer in this conversation.", {}}, outcome));
  }
  TRY(desk.groups.forget(conversation.log));
  conversation.state = store::GroupState::none;
  conversation.ended = true;
  conversation.hasRights = false;
  conversation.mendSince.reset();
  outcome.events.push_back(event::Ended{conversation.log, by, by.account == desk.self().account});
  return {};
}

}  // namespace qpq::client::conversation
