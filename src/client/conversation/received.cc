#include "client/conversation/received.h"

#include "client/conversation/commits.h"
#include "client/conversation/members.h"
#include "client/conversation/shown.h"
#include "wire/inside/content.h"
#include "wire/inside/policy.h"

namespace qpq::client::conversation {

namespace {

Cause causeOf(mls::ErrorCode code, wire::EntryKind kind) {
  switch (code) {
    case mls::ErrorCode::ownMessage:
    case mls::ErrorCode::ownCommit: return Cause::ownEcho;
    case mls::ErrorCode::generationUsed: return Cause::duplicate;
    case mls::ErrorCode::generationTooFar: return Cause::expired;
    case mls::ErrorCode::badPath: return Cause::badPath;
    case mls::ErrorCode::unknownProposalRef: return Cause::missingProposal;
    case mls::ErrorCode::futureEpoch:
    case mls::ErrorCode::removedFromGroup: return Cause::lostState;
    default: return kind == wire::EntryKind::commit ? Cause::badCommit : Cause::forged;
  }
}

// Of these the group does not recover by reading on: others may have entered an epoch we cannot.
bool losesState(Cause cause) { return cause == Cause::badPath || cause == Cause::lostState; }

// One entry being read.
struct Reading {
  Desk& desk;
  store::Conversation& conversation;
  const CheckedEntry& entry;
  const wire::Terms& terms;
  mls::Group& group;
  core::Outcome& outcome;

  store::Result<void> unreadable(Cause cause) {
    outcome.events.push_back(event::Unreadable{conversation.log, entry.link.seq, cause});
    if (losesState(cause)) conversation.state = store::GroupState::lost;
    // A commit that is refused has used up its number: the own one made for that number can never be stored.
    if (entry.link.kind == wire::EntryKind::commit) group.discard();
    return {};
  }

  store::Result<void> take(mls::ApplicationMessage message) {
    auto author = entryOf(message.sender);
    auto content = wire::parseContent(message.data, entry.link.id);
    if (!author || !content) return unreadable(Cause::forged);
    TRY(compareClaim(desk, conversation.log, content->newest, entry.link.seq, author->account, outcome));
    store::Message row{.log = conversation.log,
                       .id = entry.link.id,
                       .author = *author,
                       .sent = {content->sentMs},
                       .seq = entry.link.seq,
                       .state = store::MessageState::received,
                       .type = static_cast<uint16_t>(content->type),
                       .body = std::move(content->body),
                       .problem = {}};
    if (TRY(desk.tables.messages.add(row)) == store::Messages::Added::known) return unreadable(Cause::duplicate);
    conversation.lastActivity = desk.clock.now();
    outcome.events.push_back(event::Message{TRY(shown(desk.tables, row))});
    return {};
  }

  store::Result<void> take(mls::StagedProposal staged) {
    auto leaf = group.leaf(staged.proposal().sender);
    auto sender = leaf ? wire::certificateOf(*leaf) : wire::fail(wire::ErrorCode::unknownLeaf);
    bool isLeave = sender && staged.proposal().proposal.as<mls::SelfRemove>() != nullptr;
    if (!isLeave || !wire::checkLeave(terms, sender->entry())) return unreadable(Cause::forged);
    if (!group.apply(std::move(staged))) return unreadable(Cause::forged);
    return {};
  }

  store::Result<void> take(mls::StagedCommit staged) {
    return takeCommit(desk, conversation, entry, group, std::move(staged), terms, outcome);
  }

  store::Result<void> take(mls::OwnCommit) { return unreadable(Cause::ownEcho); }
};

}  // namespace

store::Result<void> readMessage(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                                const wire::LogEnvelope& envelope, core::Outcome& outcome) {
  mls::Group* group = TRY(desk.groups.open(conversation.log));
  if (group == nullptr) return store::fail(ErrorCode::profileCorrupt, "The state of a conversation is missing.");
  Reading reading{desk, conversation, entry, envelope.terms(), *group, outcome};
  auto received = group->receive(mls::MLSMessage{.message = {*envelope.message()}});
  if (!received) return reading.unreadable(causeOf(received.error().code, entry.link.kind));
  return std::visit([&](auto& message) { return reading.take(std::move(message)); }, *received);
}

}  // namespace qpq::client::conversation
