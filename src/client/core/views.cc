#include "client/conversation/members.h"
#include "client/conversation/shown.h"
#include "client/core/core.h"
#include "client/core/inside.h"
#include "client/limits.h"
#include "wire/inside/content.h"

// What faces show: read only, but for markRead.
namespace qpq::client::core {

namespace {

Kind kindOf(const store::Conversation& conversation, const AccountId& self) {
  if (conversation.kind == wire::ConversationKind::group) return Kind::group;
  return conversation.other == self ? Kind::notes : Kind::direct;
}

Role roleOf(wire::Role role) {
  switch (role) {
    case wire::Role::member: return Role::member;
    case wire::Role::admin: return Role::admin;
    case wire::Role::owner: return Role::owner;
  }
  return Role::member;
}

// Puts names into an event.
struct Naming {
  store::People& people;

  store::Result<void> operator()(event::Message& e) const { return name(e.message.author, e.message.authorName); }
  store::Result<void> operator()(event::Joined& e) const { return name(e.by); }
  store::Result<void> operator()(event::Renamed& e) const { return name(e.by); }
  store::Result<void> operator()(event::Ended& e) const { return name(e.by); }
  store::Result<void> operator()(event::MembersChanged& e) const {
    for (Who& who : e.added) TRY(name(who));
    for (Who& who : e.removed) TRY(name(who));
    return name(e.by);
  }
  store::Result<void> operator()(auto&) const { return {}; }  // names nobody

 private:
  store::Result<void> name(const AccountId& account, std::string& out) const {
    out = TRY(people.nameOf(account));
    return {};
  }
  store::Result<void> name(Who& who) const { return name(who.account, who.name); }
};

store::Result<std::vector<MessageView>> shownAll(store::Tables& tables, const std::vector<store::Message>& messages) {
  std::vector<MessageView> views;
  for (const store::Message& message : messages) views.push_back(TRY(conversation::shown(tables, message)));
  return views;
}

}  // namespace

Result<std::vector<ConversationView>> Core::conversations() {
  conversation::Desk desk = TRY(inside_->desk());
  std::vector<ConversationView> views;
  for (const store::Conversation& each : TRY(inside_->tables.conversations.all())) {
    std::string title(asText(each.title));
    if (each.other) title = TRY(desk.nameOf(*each.other));
    views.push_back({.log = each.log,
                     .kind = kindOf(each, desk.self().account),
                     .title = std::move(title),
                     .unread = TRY(desk.tables.messages.countReceivedAfter(each.log, each.readSeq)),
                     .entered = each.entered,
                     .lastActivity = each.lastActivity,
                     .ended = each.ended,
                     .lost = each.state == store::GroupState::lost});
  }
  return views;
}

Result<std::vector<MemberView>> Core::members(const LogId& log) {
  conversation::Desk desk = TRY(inside_->desk());
  store::Conversation found = TRY(inside_->conversation(log));
  mls::Group* group = nullptr;
  if (found.state != store::GroupState::none) group = TRY(desk.groups.open(log));
  if (group == nullptr) return std::vector<MemberView>();
  auto leaves = conversation::leavesOf(group->members());
  auto rights = conversation::conversationOf(*group);
  std::vector<MemberView> views;
  if (!leaves) return views;
  for (const wire::RosterEntry& entry : leaves->entries()) {
    if (views.empty() || views.back().account != entry.account) {
      views.push_back({.account = entry.account,
                       .name = TRY(desk.nameOf(entry.account)),
                       .role = rights ? roleOf(rights->roleOf(entry.account)) : Role::member,
                       .devices = {},
                       .self = entry.account == desk.self().account});
    }
    views.back().devices.push_back(entry.device);
  }
  return views;
}

Result<std::vector<MessageView>> Core::history(const LogId& log, uint32_t countMax) {
  TRY(inside_->conversation(log));
  auto messages = TRY(inside_->tables.messages.newest(log, std::min(countMax, kHistoryRowsMax)));
  return shownAll(inside_->tables, messages);
}

Result<std::vector<MessageView>> Core::files(const LogId& log, uint32_t countMax) {
  TRY(inside_->conversation(log));
  auto type = static_cast<uint16_t>(wire::ContentType::file);
  auto messages = TRY(inside_->tables.messages.newestOfType(log, type, std::min(countMax, kHistoryRowsMax)));
  return shownAll(inside_->tables, messages);
}

Result<std::vector<OwnFileView>> Core::ownFiles(uint32_t countMax) {
  conversation::Desk desk = TRY(inside_->desk());
  std::vector<OwnFileView> views;
  auto messages = TRY(inside_->tables.messages.newestFilesOf(desk.self().account, std::min(countMax, kHistoryRowsMax)));
  for (const store::Message& message : messages) {
    MessageView view = TRY(conversation::shown(inside_->tables, message));
    if (!view.file) continue;
    bool isExpired = message.sent + kFileKeptMs <= inside_->now();
    auto kept = isExpired ? OwnFileView::Kept::expired : OwnFileView::Kept::held;
    if (view.file->dropped) kept = OwnFileView::Kept::dropped;
    views.push_back({std::move(view), kept});
  }
  return views;
}

Result<std::vector<MessageView>> Core::unread(const LogId& log, uint32_t countMax) {
  store::Conversation found = TRY(inside_->conversation(log));
  auto messages = TRY(inside_->tables.messages.receivedAfter(log, found.readSeq, std::min(countMax, kHistoryRowsMax)));
  return shownAll(inside_->tables, messages);
}

Result<void> Core::markRead(const LogId& log, uint64_t seq) {
  return inside_->transact([&]() -> store::Result<void> {
    store::Conversation found = TRY(inside_->conversation(log));
    found.entered = true;
    found.readSeq = std::max(found.readSeq, std::min(seq, found.place.seq));
    return inside_->tables.conversations.put(found);
  });
}

Result<std::vector<Event>> Core::named(std::vector<Event> events) {
  for (Event& event : events) TRY(std::visit(Naming{inside_->tables.people}, event));
  return events;
}

Result<Core::Counts> Core::counts() {
  return Counts{TRY(inside_->tables.conversations.count()), TRY(inside_->tables.outbox.count())};
}

Result<std::vector<Settled>> Core::queued() {
  std::vector<Settled> rows;
  for (const store::OutboxRow& row : TRY(inside_->tables.outbox.all())) {
    if (row.wish != store::Wish::mend) rows.push_back({row.log, row.id, std::nullopt});
  }
  return rows;
}

}  // namespace qpq::client::core
