#pragma once

#include <vector>

#include "client/store/conversations.h"
#include "mls/group/group.h"
#include "wire/inside/conversation.h"
#include "wire/inside/leaves.h"
#include "wire/inside/policy.h"

// Who is in a group, read from MLS-authenticated state alone, in the words of wire.md.
namespace qpq::client::conversation {

wire::Result<wire::Leaves> leavesOf(const std::vector<mls::Member>& members);
wire::Result<wire::RosterEntry> entryOf(const mls::Member& member);

// 0xF0C1 of the group. unknownPolicy, and those of parseConversation.
wire::Result<wire::Conversation> conversationOf(const mls::Group& group);

// The group as a commit of its epoch is judged by.
wire::Result<wire::EpochState> epochOf(const LogId& log, const mls::Group& group);
// Whose SelfRemove stands in the epoch.
wire::Sorted<wire::RosterEntry> leavingOf(const mls::Group& group);

// What a commit does, as the policy asks for it. leafCredential and the like: a leaf of it holds no certificate.
wire::Result<wire::CommitChange> changeOf(const mls::Group& before, const mls::CommitEffects& effects);

// Accounts that came and went with a commit, not devices: a second device of somebody is no news.
struct AccountChange {
  std::vector<AccountId> added;
  std::vector<AccountId> removed;
};
AccountChange accountChange(const wire::Leaves& before, const wire::Leaves& after);

}  // namespace qpq::client::conversation
