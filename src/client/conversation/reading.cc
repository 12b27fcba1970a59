#include "client/conversation/reading.h"

#include "client/conversation/commits.h"
#include "client/conversation/join.h"
#include "client/conversation/members.h"
#include "client/conversation/received.h"
#include "client/conversation/settle.h"
#include "wire/logs/envelope.h"

namespace qpq::client::conversation {

namespace {

using store::GroupState;

// Whether this device has followed the roster from its beginning, or from its Welcome on. A roster it follows holds at
// least itself; a jump over a commit leaves none.
bool knowsRoster(const store::Conversation& conversation) {
  bool follows = conversation.state != GroupState::none && !conversation.roster.empty();
  return follows || conversation.place.seq == 0;
}

// The server compared these itself before it stored the entry: what does not fit is its lie, and the entry is left out.
std::optional<std::string> lieAbout(const CheckedEntry& entry, const wire::Terms& terms,
                                    store::Conversation& conversation) {
  wire::EntryPlace place{entry.link.seq, entry.link.kind, entry.link.id, entry.before.commits};
  if (!wire::checkPlace(terms, place)) return "The server put an entry in a place it was not written for.";
  if (!knowsRoster(conversation)) return std::nullopt;
  auto after = conversation.wholeRoster().after(terms);
  if (!after) return "The server stored an entry that does not fit the members of its log.";
  conversation.roster = after->entries;
  return std::nullopt;
}

store::Result<void> readOwn(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                            const store::OutboxRow& row, core::Outcome& outcome) {
  switch (row.wish) {
    case store::Wish::message:
      TRY(desk.tables.messages.deliver(row.log, desk.self().device, row.id, entry.link.seq));
      conversation.lastActivity = desk.clock.now();
      outcome.events.push_back(event::Delivered{row.log, row.id, entry.link.seq});
      return settle(desk, row, outcome);
    case store::Wish::leave:
      TRY(settle(desk, row, outcome));
      return endConversation(desk, conversation, TRY(desk.who(desk.self().account)), outcome);
    case store::Wish::found:
    case store::Wish::invite:
    case store::Wish::remove:
    case store::Wish::rename:
    case store::Wish::removeOwnDevices:
    case store::Wish::mend: break;
  }
  TRY(mergeOwn(desk, conversation, row, outcome));
  return settle(desk, row, outcome);
}

bool addsUs(const Desk& desk, const wire::Terms& terms) {
  return terms.commit() != nullptr && terms.commit()->added.contains(desk.self());
}

store::Result<void> readForeign(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                                const wire::LogEnvelope& envelope, core::Outcome& outcome) {
  if (addsUs(desk, envelope.terms())) {
    if (TRY(join(desk, conversation, entry, outcome)) == Joined::yes) return {};
    // Whoever added us took us for gone: what we held before is no use any more.
    if (conversation.state != GroupState::none) conversation.state = GroupState::lost;
    return {};
  }
  switch (conversation.state) {
    case GroupState::none: return {};  // before our time, or after it
    case GroupState::lost:
      if (entry.link.kind == wire::EntryKind::message) {
        outcome.events.push_back(event::Unreadable{conversation.log, entry.link.seq, Cause::lostState});
      }
      return {};
    case GroupState::member:
    case GroupState::readOnly: break;
  }
  // An ask: this version answers none, and none changes the group by itself.
  if (envelope.message() == nullptr) return {};
  return readMessage(desk, conversation, entry, envelope, outcome);
}

}  // namespace

store::Result<void> readEntry(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry,
                              core::Outcome& outcome) {
  auto refuse = [&](std::string what) {
    outcome.events.push_back(event::Alarm{conversation.log, std::move(what)});
    outcome.events.push_back(event::Unreadable{conversation.log, entry.link.seq, Cause::forged});
  };
  auto row = TRY(desk.tables.outbox.find(entry.link.id));
  bool isOwn = row && row->log == conversation.log && row->sealed && row->sealed->envelopeHash == entry.link.envelope;
  if (row && !isOwn) {
    refuse("An entry carries the number of one of your own, but is not it.");
    TRY(giveUp(desk, *row, {ErrorCode::serverRefused, "The server has put something else in its place.", {}}, outcome));
  }
  auto envelope = wire::LogEnvelope::parse(entry.envelope, conversation.log);
  if (!envelope) {
    refuse("The server stored something that is no entry.");
    return {};
  }
  if (auto lie = lieAbout(entry, envelope->terms(), conversation)) {
    refuse(*std::move(lie));
    return {};
  }
  if (isOwn) {
    TRY(readOwn(desk, conversation, entry, *row, outcome));
  } else {
    TRY(readForeign(desk, conversation, entry, *envelope, outcome));
  }
  return noteMending(desk, conversation);
}

store::Result<void> noteMending(Desk& desk, store::Conversation& conversation) {
  mls::Group* group = nullptr;
  if (conversation.state == GroupState::member) group = TRY(desk.groups.open(conversation.log));
  auto leaves = group != nullptr ? leavesOf(group->members()) : wire::Leaves();
  bool isDue = false;
  if (group != nullptr && leaves && conversation.roster.contains(desk.self())) {
    wire::Sorted<wire::RosterEntry> leaving = leavingOf(*group);
    std::vector<wire::RosterEntry> staying = leaves->entries().values();
    std::erase_if(staying, [&](const wire::RosterEntry& leaf) { return leaving.contains(leaf); });
    isDue = !leaving.empty() || conversation.roster != wire::Sorted<wire::RosterEntry>(staying);
  }
  if (!isDue) conversation.mendSince.reset();
  if (isDue && !conversation.mendSince) conversation.mendSince = desk.clock.now();
  return {};
}

}  // namespace qpq::client::conversation
