#include "client/conversation/members.h"
#include "client/conversation/settle.h"
#include "client/conversation/writing.h"
#include "client/core/core.h"
#include "client/core/inside.h"
#include "client/limits.h"
#include "client/store/stored.h"
#include "wire/inside/content.h"
#include "wire/inside/utf8.h"
#include "wire/limits.h"

// What a person wants becomes a row of the outbox, or a reason why not.
namespace qpq::client::core {

namespace {

store::Result<std::vector<store::Guests>> guestsOf(const std::vector<Invitation>& invitations) {
  if (invitations.empty() || invitations.size() > kInvitationsMax) {
    return store::fail(ErrorCode::badInput, "Invite at least one person, and not too many at once.");
  }
  std::vector<store::Guests> guests;
  for (const Invitation& invitation : invitations) {
    guests.push_back({invitation.person.account, invitation.keyPackages});
  }
  return guests;
}

store::Result<void> checkTitle(const std::string& title) {
  if (title.empty() || title.size() > wire::kConversationNameSizeMax || !wire::isUtf8(asBytes(title))) {
    return store::fail(ErrorCode::badInput, "A title is 1 to 256 bytes of UTF-8.");
  }
  return {};
}

store::Result<void> checkText(const std::string& text) {
  if (text.size() > conversation::kTextSizeMax) {
    return store::fail(ErrorCode::tooLarge,
                       "A message has at most " + std::to_string(conversation::kTextSizeMax) + " bytes.",
                       "Send longer text as several messages.");
  }
  if (text.empty() || !wire::isUtf8(asBytes(text))) {
    return store::fail(ErrorCode::badInput, "A message is UTF-8 text, and not empty.");
  }
  return {};
}

store::Result<bool> isBeginning(store::Tables& tables, const LogId& log) {
  auto rows = TRY(tables.outbox.rows(log));
  return std::ranges::any_of(rows, [](const store::OutboxRow& row) { return row.wish == store::Wish::found; });
}

store::Conversation beginningIn(const LogId& log, Instant now) {
  return {
      .log = log, .title = {}, .place = wire::LogPlace::start(log), .roster = {}, .entered = true, .lastActivity = now};
}

store::Result<void> needsGroup(const store::Conversation& conversation) {
  if (conversation.kind == wire::ConversationKind::group) return {};
  return store::fail(ErrorCode::notAllowed, "A direct conversation keeps its two people and has no title.");
}

}  // namespace

store::Result<store::Conversation> Core::Inside::writable(const LogId& log) {
  store::Conversation found = TRY(conversation(log));
  if (found.ended) return store::fail(ErrorCode::notMember, "You are no longer in this conversation.");
  switch (found.state) {
    case store::GroupState::member: return found;
    case store::GroupState::none:
      // What is written while the conversation is being begun goes out behind its beginning.
      if (TRY(isBeginning(tables, log))) return found;
      return store::fail(ErrorCode::notMember, "This conversation has not been entered yet.");
    case store::GroupState::readOnly:
      return store::fail(ErrorCode::updateNeeded, "This conversation needs a newer qpq.", "Update qpq.");
    case store::GroupState::lost:
      return store::fail(ErrorCode::notMember, "This device has lost its place in this conversation.",
                         "Ask a member to remove you and invite you again.");
  }
  return found;
}

store::Result<EntryId> Core::Inside::wish(const LogId& log, store::Wish wish, Bytes body, store::Outbox::Turn turn) {
  EntryId id = EntryId::random(surroundings.random);
  TRY(tables.outbox.add({.log = log, .id = id, .wish = wish, .body = std::move(body), .sealed = {}}, turn));
  return id;
}

Result<std::optional<EntryId>> Core::beginDirect(const LogId& log, const Invitation& other) {
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<std::optional<EntryId>> {
    auto known = TRY(desk.tables.conversations.find(log));
    if (known && (known->state == store::GroupState::member || TRY(isBeginning(desk.tables, log)))) {
      return std::optional<EntryId>();
    }
    if (known && (known->ended || known->state != store::GroupState::none)) TRY(inside_->writable(log));
    store::Conversation begun = known ? *std::move(known) : beginningIn(log, inside_->now());
    begun.kind = wire::ConversationKind::direct;
    begun.other = other.person.account;
    TRY(desk.tables.conversations.put(begun));
    store::Founding founding{.kind = wire::ConversationKind::direct,
                             .other = other.person.account,
                             .title = {},
                             .guests = {{other.person.account, other.keyPackages}}};
    return TRY(inside_->wish(log, store::Wish::found, encode(founding), store::Outbox::Turn::first));
  });
}

Result<Core::NewGroup> Core::beginGroup(const std::string& title) {
  LogId log = LogId::random(inside_->surroundings.random);
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<NewGroup> {
    TRY(checkTitle(title));
    store::Conversation begun = beginningIn(log, inside_->now());
    begun.title = toBytes(asBytes(title));
    TRY(desk.tables.conversations.put(begun));
    store::Founding founding{.kind = wire::ConversationKind::group, .other = {}, .title = begun.title, .guests = {}};
    return NewGroup{log, TRY(inside_->wish(log, store::Wish::found, encode(founding), store::Outbox::Turn::first))};
  });
}

Result<EntryId> Core::invite(const LogId& log, const std::vector<Invitation>& invitations) {
  return inside_->step(log, [&](conversation::Desk&) -> store::Result<EntryId> {
    TRY(needsGroup(TRY(inside_->writable(log))));
    auto guests = TRY(guestsOf(invitations));
    return inside_->wish(log, store::Wish::invite, encode(guests), store::Outbox::Turn::last);
  });
}

Result<EntryId> Core::remove(const LogId& log, const AccountId& account) {
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<EntryId> {
    store::Conversation found = TRY(inside_->writable(log));
    TRY(needsGroup(found));
    if (account == desk.self().account) {
      return store::fail(ErrorCode::badInput, "To go yourself, leave the conversation.");
    }
    if (found.state == store::GroupState::member && !wire::holdsAccount(found.roster, account)) {
      return store::fail(ErrorCode::noSuchUser, "They are not in this conversation.");
    }
    return inside_->wish(log, store::Wish::remove, encode(account), store::Outbox::Turn::last);
  });
}

Result<EntryId> Core::rename(const LogId& log, const std::string& title) {
  return inside_->step(log, [&](conversation::Desk&) -> store::Result<EntryId> {
    TRY(needsGroup(TRY(inside_->writable(log))));
    TRY(checkTitle(title));
    return inside_->wish(log, store::Wish::rename, toBytes(asBytes(title)), store::Outbox::Turn::last);
  });
}

Result<EntryId> Core::leave(const LogId& log) {
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<EntryId> {
    store::Conversation found = TRY(inside_->writable(log));
    bool hasOthers = std::ranges::any_of(found.roster, [&](const wire::RosterEntry& entry) {
      return entry.account == desk.self().account && entry != desk.self();
    });
    if (hasOthers) TRY(inside_->wish(log, store::Wish::removeOwnDevices, {}, store::Outbox::Turn::last));
    return inside_->wish(log, store::Wish::leave, {}, store::Outbox::Turn::last);
  });
}

store::Result<Written> Core::Inside::queue(conversation::Desk& desk, const LogId& log, wire::ContentType type,
                                           ByteView body) {
  store::Conversation found = TRY(writable(log));
  EntryId id = TRY(wish(log, store::Wish::message, {}, store::Outbox::Turn::last));
  Written written{id, now()};
  TRY(desk.tables.messages.add({.log = log,
                                .id = id,
                                .author = desk.self(),
                                .sent = written.sent,
                                .seq = std::nullopt,
                                .state = store::MessageState::queued,
                                .type = static_cast<uint16_t>(type),
                                .body = toBytes(body),
                                .problem = {}}));
  found.lastActivity = written.sent;
  TRY(desk.tables.conversations.put(found));
  return written;
}

Result<Written> Core::send(const LogId& log, const std::string& text) {
  return inside_->step(log, [&](conversation::Desk& desk) -> store::Result<Written> {
    TRY(checkText(text));
    return inside_->queue(desk, log, wire::ContentType::text, asBytes(text));
  });
}

}  // namespace qpq::client::core
