#include "client/core/delivery.h"

#include "client/conversation/page_check.h"
#include "client/conversation/reading.h"
#include "client/conversation/settle.h"
#include "client/conversation/writing.h"
#include "client/core/core.h"
#include "client/core/inside.h"
#include "client/limits.h"

// Index, pages, outbox: where the engine and the conversations meet.
namespace qpq::client::core {

namespace {

using conversation::CheckedEntry;
using conversation::Desk;

Outcome alarm(const LogId& log, std::string what) {
  Outcome outcome;
  outcome.events.push_back(event::Alarm{log, std::move(what)});
  return outcome;
}

// The chain begins later than where this device had read: its rights ended and began again, or entries were pruned.
store::Result<void> jump(Desk& desk, store::Conversation& conversation, const wire::LogPlace& to, Outcome& outcome) {
  bool isMember = conversation.state == store::GroupState::member || conversation.state == store::GroupState::readOnly;
  if (isMember && to.commits == conversation.place.commits) {
    mls::Group* group = TRY(desk.groups.open(conversation.log));
    uint64_t missed = to.seq - conversation.place.seq;
    if (group != nullptr) group->tellGap(static_cast<uint32_t>(std::min<uint64_t>(missed, UINT32_MAX)));
    outcome.events.push_back(event::Unreadable{conversation.log, to.seq, Cause::expired});
  } else if (isMember) {
    conversation.state = store::GroupState::lost;
    conversation.roster = {};
    outcome.events.push_back(event::Unreadable{conversation.log, to.seq, Cause::lostState});
  }
  conversation.place = to;
  TRY(desk.tables.entries.addHead(conversation.log, to.claim()));
  return {};
}

store::Result<void> keepEntry(Desk& desk, store::Conversation& conversation, const CheckedEntry& entry) {
  conversation.place = entry.after;
  TRY(desk.tables.entries.add(conversation.log, {entry.link, entry.envelope}, desk.clock.now()));
  TRY(desk.tables.entries.addHead(conversation.log, entry.after.claim()));
  return desk.tables.conversations.put(conversation);
}

store::Result<void> endIfOver(Desk& desk, store::Conversation& conversation, Outcome& outcome) {
  if (!conversation.isOver()) return {};
  if (conversation.state == store::GroupState::lost) {
    TRY(conversation::endConversation(desk, conversation, Who(), outcome));
  }
  conversation.hasRights = false;
  return desk.tables.conversations.put(conversation);
}

wire::LogPlace placeOf(const wire::SignedHead& head) { return {head.tbs.seq, head.tbs.head, head.tbs.commits}; }

std::string textOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::unknownDevice: return "Somebody to be added has no such device any more.";
    case Refusal::notOnRoster: return "This device is not in the conversation.";
    case Refusal::gone: return "The conversation goes on elsewhere.";
    case Refusal::quota: return "The server keeps no more of this conversation.";
    case Refusal::tooLarge: return "The server does not take anything so large.";
    case Refusal::malformed: return "The server does not take it.";
  }
  return "The server does not take it.";
}

ErrorCode codeOf(Refusal refusal) {
  switch (refusal) {
    case Refusal::notOnRoster:
    case Refusal::gone: return ErrorCode::notMember;
    case Refusal::tooLarge: return ErrorCode::tooLarge;
    case Refusal::unknownDevice:
    case Refusal::quota:
    case Refusal::malformed: break;
  }
  return ErrorCode::serverRefused;
}

}  // namespace

Result<uint64_t> Core::indexChange() { return inside_->tables.server.indexChange(); }

store::Result<Outcome> Core::Inside::endListed(const IndexEntry& entry) {
  auto known = TRY(tables.conversations.find(entry.log));
  if (!known || entry.hasRights) return Outcome();
  known->rightsEnd = entry.rightsEnd;
  if (!known->isOver()) return Outcome();
  return step(entry.log, [&](Desk& desk) -> store::Result<Outcome> {
    Outcome outcome;
    TRY(endIfOver(desk, *known, outcome));
    return outcome;
  });
}

store::Result<void> Core::Inside::noteListed(const IndexEntry& entry, Outcome& outcome) {
  auto known = TRY(tables.conversations.find(entry.log));
  bool hadRights = known && known->hasRights;
  store::Conversation noted =
      known
          ? *std::move(known)
          : store::Conversation{.log = entry.log, .title = {}, .place = wire::LogPlace::start(entry.log), .roster = {}};
  if (entry.direct && noted.state == store::GroupState::none) {
    noted.kind = wire::ConversationKind::direct;
    noted.other = entry.direct;
  }
  // That rights have ended is learnt from the log itself: what was said before is still to be read, and the entry that
  // ended them, even by somebody who was added and removed while away.
  bool isLeftToRead = entry.rightsEnd > noted.place.seq;
  noted.rightsEnd = entry.hasRights ? 0 : entry.rightsEnd;
  noted.hasRights = entry.hasRights || isLeftToRead || (hadRights && noted.state != store::GroupState::none);
  TRY(tables.conversations.put(noted));
  // Also where it is followed already: the server stops at the end of rights, and these may have begun again.
  if (noted.hasRights) outcome.follow.push_back({entry.log, noted.place.seq});
  return {};
}

Result<Outcome> Core::noteIndex(uint64_t change, const std::vector<IndexEntry>& entries) {
  Outcome outcome;
  // Before the index is noted, so that a crash in between reads it again.
  for (const IndexEntry& entry : entries) outcome.append(TRY(inside_->endListed(entry)));
  outcome.append(TRY(inside_->transact([&]() -> store::Result<Outcome> {
    Outcome noted;
    for (const IndexEntry& entry : entries) TRY(inside_->noteListed(entry, noted));
    TRY(inside_->tables.server.setIndexChange(change));
    TRY(inside_->tables.entries.forgetBefore(inside_->now() - kRawEntriesKeptMs));
    return noted;
  })));
  return outcome;
}

Result<std::vector<Place>> Core::places() {
  std::vector<Place> places;
  for (const store::Conversation& each : TRY(inside_->tables.conversations.all())) {
    if (each.hasRights) places.push_back({each.log, each.place.seq});
  }
  return places;
}

store::Result<Outcome> Core::Inside::readPage(const conversation::CheckedPage& page, const LogId& log) {
  return step(log, [&](Desk& desk) -> store::Result<Outcome> {
    Outcome outcome;
    store::Conversation read = TRY(conversation(log));
    if (page.start) {
      TRY(jump(desk, read, placeOf(*page.start), outcome));
      TRY(desk.tables.entries.keep(*page.start));
    }
    for (const CheckedEntry& entry : page.entries) {
      TRY(conversation::readEntry(desk, read, entry, outcome));
      TRY(keepEntry(desk, read, entry));
      TRY(endIfOver(desk, read, outcome));
    }
    outcome.stored = {log, read.place.seq};
    const wire::ReceiptLeaf& leaf = page.receipt.leaf;
    auto head = TRY(desk.tables.entries.head(log, leaf.seq));
    if (head && *head != leaf.head) {
      outcome.events.push_back(event::Alarm{log, "The server shows another history than before."});
    } else if (head) {
      TRY(desk.tables.entries.keep(page.receipt));
    }
    return outcome;
  });
}

Result<Outcome> Core::receive(const Page& page) {
  auto known = TRY(inside_->tables.conversations.find(page.log));
  if (!known || !inside_->server || page.entries.empty()) return Outcome();
  auto checked = conversation::checkPage(page, known->place, inside_->server->info);
  if (!checked) return alarm(page.log, std::move(checked).error().what);
  return inside_->readPage(*checked, page.log);
}

Result<Outcome> Core::receivePruned(const LogId& log, ByteView signedHead) {
  if (!inside_->server) return Outcome();
  auto head = decode<wire::SignedHead>(signedHead);
  if (!head) return alarm(log, "The server's signed head cannot be read.");
  auto place = conversation::checkHead(*head, log, inside_->server->info);
  if (!place) return alarm(log, std::move(place).error().what);
  return inside_->step(log, [&](Desk& desk) -> store::Result<Outcome> {
    Outcome outcome;
    store::Conversation read = TRY(inside_->conversation(log));
    if (place->seq <= read.place.seq) return outcome;
    TRY(jump(desk, read, *place, outcome));
    TRY(desk.tables.entries.keep(*head));
    TRY(desk.tables.conversations.put(read));
    TRY(endIfOver(desk, read, outcome));
    outcome.stored = {log, place->seq};
    if (read.hasRights) outcome.follow.push_back({log, place->seq});
    return outcome;
  });
}

Result<std::vector<LogId>> Core::outgoingLogs() {
  std::vector<LogId> logs = TRY(inside_->tables.outbox.logs());
  if (!inside_->signedIn()) return std::vector<LogId>();
  conversation::Desk desk = TRY(inside_->desk());
  for (const store::Conversation& each : TRY(inside_->tables.conversations.all())) {
    auto turn = TRY(conversation::mendingTurn(desk, each));
    bool isDue = turn && *turn <= inside_->now();
    if (isDue && !std::ranges::contains(logs, each.log)) logs.push_back(each.log);
  }
  // What is appended before a restored server has been given back what it lacks takes the place of that for ever.
  auto unconfirmed = TRY(inside_->tables.unconfirmed.all());
  std::erase_if(logs, [&](const LogId& log) { return std::ranges::contains(unconfirmed, log); });
  return logs;
}

Result<Core::NextOutgoing> Core::nextOutgoing(const LogId& log) {
  return inside_->step(log, [&](Desk& desk) -> store::Result<NextOutgoing> {
    NextOutgoing next;
    store::Conversation written = TRY(inside_->conversation(log));
    next.entry = TRY(conversation::nextEntry(desk, written, next.outcome));
    return next;
  });
}

store::Result<bool> Core::Inside::isPassed(const LogId& log, const wire::ReceiptLeaf& leaf) {
  auto known = TRY(tables.conversations.find(log));
  if (!known || leaf.seq > known->place.seq) return false;
  auto head = TRY(tables.entries.head(log, leaf.seq));
  return !head || *head == leaf.head;
}

store::Result<Outcome> Core::Inside::settlePassed(const store::OutboxRow& row, uint64_t seq) {
  return step(row.log, [&](Desk& desk) -> store::Result<Outcome> {
    Outcome outcome;
    if (row.wish == store::Wish::message) {
      TRY(desk.tables.messages.deliver(row.log, desk.self().device, row.id, seq));
      outcome.events.push_back(event::Delivered{row.log, row.id, seq});
    }
    TRY(conversation::settle(desk, row, outcome));
    return outcome;
  });
}

Result<Outcome> Core::accepted(const LogId& log, const EntryId& id, ByteView encoded) {
  auto row = TRY(inside_->tables.outbox.find(id));
  if (!row || !row->sealed || !inside_->server) return Outcome();
  auto receipt = decode<wire::Receipt>(encoded);
  auto attestation =
      receipt ? wire::Attestation::check(*receipt, inside_->server->info) : wire::fail(wire::ErrorCode::malformed);
  bool isOfRow = attestation && attestation->log() == log && receipt->leaf.id == id;
  if (isOfRow && TRY(inside_->isPassed(log, receipt->leaf))) return inside_->settlePassed(*row, receipt->leaf.seq);
  isOfRow = isOfRow && receipt->leaf.envelope == row->sealed->envelopeHash;
  if (!isOfRow) return alarm(log, "The server's receipt is not for what was sent.");
  inside_->accepted.insert(id);
  Outcome outcome;
  if (row->wish == store::Wish::found) {
    // With its first entry the log has members, and this device may read it.
    auto begun = TRY(inside_->tables.conversations.find(log));
    if (begun) outcome.follow.push_back({log, begun->place.seq});
  }
  return outcome;
}

Result<Outcome> Core::refused(const LogId& log, const EntryId& id, Refusal refusal, const std::string& what) {
  return inside_->step(log, [&](Desk& desk) -> store::Result<Outcome> {
    Outcome outcome;
    auto row = TRY(desk.tables.outbox.find(id));
    if (!row || row->log != log) return outcome;
    std::string said = what.empty() ? std::string() : " (" + what + ")";
    TRY(conversation::giveUp(desk, *row, {codeOf(refusal), textOf(refusal) + said, {}}, outcome));
    return outcome;
  });
}

Result<std::optional<Instant>> Core::nextDue() {
  std::optional<Instant> due;
  if (!inside_->signedIn()) return due;
  conversation::Desk desk = TRY(inside_->desk());
  for (const store::Conversation& each : TRY(inside_->tables.conversations.all())) {
    auto turn = TRY(conversation::mendingTurn(desk, each));
    if (turn && (!due || *turn < *due)) due = turn;
  }
  return due;
}

}  // namespace qpq::client::core
