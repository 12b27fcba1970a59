#include "client/conversation/commits.h"

#include "client/conversation/join.h"
#include "client/conversation/members.h"
#include "client/conversation/settle.h"

namespace qpq::client::conversation {

namespace {

struct Before {
  wire::Leaves leaves;
  Bytes title;
};

store::Result<std::vector<Who>> whoAre(Desk& desk, const std::vector<AccountId>& accounts) {
  std::vector<Who> all;
  for (const AccountId& account : accounts) all.push_back(TRY(desk.who(account)));
  return all;
}

// Tells what is different in the group since `before`, and keeps what is shown of it.
store::Result<void> tellChange(Desk& desk, store::Conversation& conversation, const mls::Group& group,
                               const Before& before, const AccountId& by, core::Outcome& outcome) {
  Who author = TRY(desk.who(by));
  auto after = leavesOf(group.members());
  if (after) {
    TRY(meetMembers(desk, conversation.log, *after, outcome));
    auto [added, removed] = accountChange(before.leaves, *after);
    if (!added.empty() || !removed.empty()) {
      outcome.events.push_back(
          event::MembersChanged{conversation.log, author, TRY(whoAre(desk, added)), TRY(whoAre(desk, removed))});
    }
  }
  auto now = conversationOf(group);
  if (!now) {
    conversation.state = store::GroupState::readOnly;
    outcome.events.push_back(event::Unreadable{conversation.log, conversation.place.seq + 1, Cause::unknownPolicy});
    return {};
  }
  conversation.title = now->name;
  if (now->name != before.title) {
    outcome.events.push_back(event::Renamed{conversation.log, author, std::string(asText(now->name))});
  }
  return {};
}

// Valid by the rules of its epoch? In a group whose policy is a later one nobody here can say, and MLS has to do.
wire::Result<wire::RosterEntry> judged(const store::Conversation& conversation, const mls::Group& group,
                                       const mls::CommitEffects& effects, const wire::Terms& terms) {
  wire::CommitChange change = TRY(changeOf(group, effects));
  if (conversation.state == store::GroupState::readOnly) return change.committer;
  wire::EpochState epoch = TRY(epochOf(conversation.log, group));
  TRY(wire::judge(epoch, leavingOf(group), change, terms));
  return change.committer;
}

}  // namespace

store::Result<void> mergeOwn(Desk& desk, store::Conversation& conversation, const store::OutboxRow& row,
                             core::Outcome& outcome) {
  mls::Group* group = TRY(desk.groups.open(conversation.log));
  if (group == nullptr || group->pending() == nullptr) {
    return store::fail(ErrorCode::internal, "A commit of this device was read back, but is not known here.");
  }
  auto leaves = leavesOf(group->members());
  Before before{leaves ? *leaves : wire::Leaves(), conversation.title};
  auto merged = group->merge(group->pending()->digest());
  if (!merged) return store::fail(ErrorCode::internal, "An own commit could not be merged.");
  conversation.state = store::GroupState::member;
  conversation.hasRights = true;
  if (row.wish == store::Wish::found) {
    if (auto begun = conversationOf(*group)) before.title = begun->name;
    conversation.entered = true;
    conversation.lastActivity = desk.clock.now();
  }
  return tellChange(desk, conversation, *group, before, desk.self().account, outcome);
}

store::Result<void> takeCommit(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                               mls::Group& group, mls::StagedCommit staged, const wire::Terms& terms,
                               core::Outcome& outcome) {
  auto committer = judged(conversation, group, staged.effects(), terms);
  if (!committer) {
    group.discard();  // its number is used up: the own one can never be stored
    outcome.events.push_back(event::Unreadable{conversation.log, entry.link.seq, Cause::badCommit});
    return {};
  }
  TRY(compareClaim(desk, conversation.log, terms.commit()->newest, entry.link.seq, committer->account, outcome));
  if (staged.removesUs()) {
    return endConversation(desk, conversation, TRY(desk.who(committer->account)), outcome);
  }
  auto leaves = leavesOf(group.members());
  Before before{leaves ? *leaves : wire::Leaves(), conversation.title};
  if (!group.apply(std::move(staged))) {
    return store::fail(ErrorCode::internal, "A commit that was found valid could not be applied.");
  }
  return tellChange(desk, conversation, group, before, committer->account, outcome);
}

store::Result<void> compareClaim(Desk& desk, const LogId& log, const wire::Claim& claim, uint64_t seq,
                                 const AccountId& author, core::Outcome& outcome) {
  auto known = TRY(desk.tables.entries.head(log, claim.seq));
  std::string name = TRY(desk.nameOf(author));
  switch (wire::judgeClaim(log, claim, seq, known)) {
    case wire::ClaimVerdict::agrees:
    case wire::ClaimVerdict::notKnown: break;
    case wire::ClaimVerdict::otherHistory:
      outcome.events.push_back(event::Alarm{log, "A device of " + name + " sees another history than this one."});
      break;
    case wire::ClaimVerdict::notBelowOwnPlace:
      outcome.events.push_back(event::Alarm{log, "A device of " + name + " claims to have seen what was not there."});
      break;
  }
  return {};
}

}  // namespace qpq::client::conversation
