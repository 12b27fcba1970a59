#include "client/conversation/writing.h"

#include <algorithm>

#include "client/conversation/members.h"
#include "client/conversation/sealing.h"
#include "client/conversation/settle.h"
#include "client/limits.h"

namespace qpq::client::conversation {

namespace {

using store::OutboxRow;
using store::Wish;

bool isCurrent(const OutboxRow& row, const store::Conversation& conversation) {
  return row.sealed && row.sealed->commitsSeen == conversation.place.commits;
}

// Under way and not decided: while such a row is there, nothing else of its log goes out.
bool blocksOthers(const OutboxRow& row, const store::Conversation& conversation) {
  return row.wish != Wish::message && isCurrent(row, conversation);
}

core::Outgoing outgoing(const OutboxRow& row, const store::Conversation& conversation) {
  return {.log = row.log,
          .id = row.id,
          .envelope = row.sealed->envelope,
          .welcome = row.sealed->welcome,
          .tokenHash = row.sealed->tokenHash,
          .createsLog = row.wish == Wish::found && conversation.kind == wire::ConversationKind::group};
}

bool mayWrite(const Desk& desk, const store::Conversation& conversation, const OutboxRow& row) {
  if (conversation.ended) return false;
  if (row.wish == Wish::found) return conversation.state == store::GroupState::none;
  return conversation.state == store::GroupState::member && conversation.roster.contains(desk.self());
}

// A commit before anything else is wanted: the wish to mend stands first in the outbox as soon as its turn has come,
// and at once if something waits behind it.
store::Result<void> wishToMend(Desk& desk, const store::Conversation& conversation, std::vector<OutboxRow>& rows) {
  auto turn = TRY(mendingTurn(desk, conversation));
  if (!turn || (rows.empty() && desk.clock.now() < *turn)) return {};
  OutboxRow mend{
      .log = conversation.log, .id = EntryId::random(desk.random), .wish = Wish::mend, .body = {}, .sealed = {}};
  TRY(desk.tables.outbox.add(mend, store::Outbox::Turn::first));
  rows.insert(rows.begin(), std::move(mend));
  return {};
}

// Somebody else's commit came first: the plan starts over, and a wish that was only to mend may be moot.
store::Result<void> withdraw(Desk& desk, const store::Conversation& conversation, std::vector<OutboxRow>& rows,
                             core::Outcome& outcome) {
  for (OutboxRow& row : rows) {
    if (!row.sealed || isCurrent(row, conversation)) continue;
    if (store::isCommit(row.wish) && row.wish != Wish::found) {
      mls::Group* group = TRY(desk.groups.open(row.log));
      if (group != nullptr) group->discard();
    }
    desk.accepted.erase(row.id);
    row.sealed.reset();
    TRY(desk.tables.outbox.unseal(row.id));
  }
  auto isMoot = [&](const OutboxRow& row) { return row.wish == Wish::mend && !row.sealed && !conversation.mendSince; };
  for (const OutboxRow& row : rows) {
    if (isMoot(row)) TRY(settle(desk, row, outcome));
  }
  std::erase_if(rows, isMoot);
  return {};
}

enum class Next { sent, ended, waits };

// Seals the row if it is not sealed yet.
store::Result<Next> tryRow(Desk& desk, const store::Conversation& conversation, OutboxRow& row,
                           core::Outcome& outcome) {
  if (isCurrent(row, conversation)) return desk.accepted.contains(row.id) ? Next::waits : Next::sent;
  Sealing sealing = TRY(seal(desk, conversation, row));
  if (std::holds_alternative<Moot>(sealing)) {
    TRY(settle(desk, row, outcome));
    return Next::ended;
  }
  if (auto* problem = std::get_if<Error>(&sealing)) {
    TRY(giveUp(desk, row, std::move(*problem), outcome));
    return Next::ended;
  }
  if (std::holds_alternative<Waits>(sealing)) return Next::waits;
  row.sealed = std::get<store::Sealed>(std::move(sealing));
  TRY(desk.tables.outbox.seal(row.id, *row.sealed));
  return Next::sent;
}

}  // namespace

store::Result<std::optional<core::Outgoing>> nextEntry(Desk& desk, store::Conversation& conversation,
                                                       core::Outcome& outcome) {
  auto rows = TRY(desk.tables.outbox.rows(conversation.log));
  TRY(withdraw(desk, conversation, rows, outcome));
  auto blocking = std::ranges::find_if(rows, [&](const OutboxRow& row) { return blocksOthers(row, conversation); });
  if (blocking != rows.end()) {
    if (desk.accepted.contains(blocking->id)) return std::nullopt;
    return outgoing(*blocking, conversation);
  }
  TRY(wishToMend(desk, conversation, rows));
  for (OutboxRow& row : rows) {
    if (!mayWrite(desk, conversation, row)) return std::nullopt;
    switch (TRY(tryRow(desk, conversation, row, outcome))) {
      case Next::sent: return outgoing(row, conversation);
      case Next::ended: break;
      case Next::waits:
        // A text with its receipt has its place; whatever else waits holds up what comes after it.
        if (row.wish != Wish::message || !isCurrent(row, conversation)) return std::nullopt;
        break;
    }
  }
  return std::nullopt;
}

store::Result<std::optional<Instant>> mendingTurn(Desk& desk, const store::Conversation& conversation) {
  bool isMember = conversation.state == store::GroupState::member && !conversation.ended;
  if (!isMember || !conversation.mendSince || !conversation.roster.contains(desk.self())) {
    return std::optional<Instant>();
  }
  auto rows = TRY(desk.tables.outbox.rows(conversation.log));
  bool commitsAnyway = std::ranges::any_of(rows, [](const OutboxRow& row) { return row.wish == Wish::mend; }) ||
                       (!rows.empty() && store::isCommit(rows.front().wish));
  mls::Group* group = TRY(desk.groups.open(conversation.log));
  if (commitsAnyway || group == nullptr) return std::optional<Instant>();
  wire::Sorted<wire::RosterEntry> leaving = leavingOf(*group);
  bool isOwnAffair = wire::holdsAccount(leaving, desk.self().account);
  uint64_t rank = 0;
  for (const wire::RosterEntry& member : conversation.roster) {
    if (member == desk.self() || leaving.contains(member)) break;
    ++rank;
  }
  return *conversation.mendSince + (isOwnAffair ? 0 : rank * kCoverLeaveStepMs);
}

}  // namespace qpq::client::conversation
