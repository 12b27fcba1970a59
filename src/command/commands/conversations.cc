#include "command/commands/conversations.h"

#include <algorithm>

#include "command/commands/views.h"
#include "command/terminal/safe_text.h"
#include "loop/co_try.h"

namespace qpq::command {

namespace {

using client::ConversationView;
constexpr auto kRequired = Parameter::Need::required;
constexpr auto kOptional = Parameter::Need::optional;
constexpr uint32_t kJoinWaitDefaultS = 60;
constexpr std::size_t kIdDigitsMin = 4;  // fewer would match by chance

template <class T>
Outcome<T> orFailure(client::Result<T> result) {
  if (!result) return std::unexpected(failureOf(result.error()));
  if constexpr (std::is_void_v<T>) {
    return {};
  } else {
    return std::move(*result);
  }
}

std::string withoutSigil(std::string name) {
  if (name.starts_with('@')) name.erase(0, 1);
  return name;
}

bool isMeant(const ConversationView& conversation, std::string_view reference) {
  bool isGroup = conversation.kind == client::Kind::group;
  if (reference.starts_with('@')) return !isGroup && conversation.title == reference.substr(1);
  if (reference.starts_with('#')) return isGroup && conversation.title == reference.substr(1);
  return conversation.title == reference ||
         (reference.size() >= kIdDigitsMin && toHex(conversation.log.view()).starts_with(reference));
}

kj::Promise<Outcome<Value>> viewOf(client::Client& client, LogId log) {
  auto all = CO_TRY(orFailure(co_await client.conversations()));
  for (const ConversationView& conversation : all) {
    if (conversation.log == log) co_return toValue(conversation);
  }
  co_return std::unexpected(failureOf({client::ErrorCode::noSuchConversation, "the conversation is not here", {}}));
}

kj::Promise<Outcome<Value>> dm(client::Client& client, Arguments arguments) {
  LogId log = CO_TRY(orFailure(co_await client.openDirect(withoutSigil(arguments.text("user")))));
  co_return co_await viewOf(client, log);
}

kj::Promise<Outcome<Value>> createGroup(client::Client& client, Arguments arguments) {
  std::string title = arguments.text("title");
  if (title.starts_with('#')) title.erase(0, 1);
  LogId log = CO_TRY(orFailure(co_await client.createGroup(std::move(title))));
  co_return co_await viewOf(client, log);
}

kj::Promise<Outcome<Value>> invite(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  std::vector<std::string> names = arguments.texts("users");
  for (std::string& name : names) name = withoutSigil(std::move(name));
  CO_TRY(orFailure(co_await client.invite(conversation.log, std::move(names))));
  co_return co_await viewOf(client, conversation.log);
}

kj::Promise<Outcome<Value>> removeMember(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  CO_TRY(orFailure(co_await client.remove(conversation.log, withoutSigil(arguments.text("user")))));
  co_return co_await viewOf(client, conversation.log);
}

kj::Promise<Outcome<Value>> leave(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  CO_TRY(orFailure(co_await client.leave(conversation.log)));
  co_return co_await viewOf(client, conversation.log);
}

// The newest conversation one was added to and has not looked at.
std::optional<ConversationView> notEntered(const std::vector<ConversationView>& all) {
  std::optional<ConversationView> newest;
  for (const ConversationView& conversation : all) {
    bool waits = !conversation.entered && !conversation.ended;
    if (waits && (!newest || newest->lastActivity < conversation.lastActivity)) newest = conversation;
  }
  return newest;
}

kj::Promise<Outcome<Value>> join(client::Client& client, Arguments arguments) {
  uint32_t waitS = arguments.number("wait").value_or(kJoinWaitDefaultS);
  auto paired = kj::newPromiseAndFulfiller<void>();
  auto listening = client.listen([&fulfiller = *paired.fulfiller](const client::Event& event) {
    if (std::holds_alternative<client::event::Joined>(event)) fulfiller.fulfill();
  });
  CO_TRY(orFailure(co_await client.catchUp(uint64_t{waitS} * kSecondMs)));
  auto found = notEntered(CO_TRY(orFailure(co_await client.conversations())));
  if (!found) {
    bool joined = co_await client.within(uint64_t{waitS} * kSecondMs, kj::mv(paired.promise));
    if (joined) found = notEntered(CO_TRY(orFailure(co_await client.conversations())));
  }
  if (!found) {
    co_return std::unexpected(
        failureOf({client::ErrorCode::noSuchConversation, "nobody has added you to a conversation",
                   "ask to be invited, or wait longer with --wait SECONDS"}));
  }
  CO_TRY(orFailure(co_await client.markRead(found->log, 0)));
  co_return co_await viewOf(client, found->log);
}

kj::Promise<Outcome<Value>> list(client::Client& client, Arguments) {
  auto all = CO_TRY(orFailure(co_await client.conversations()));
  Value::List conversations;
  for (const ConversationView& conversation : all) conversations.push_back(toValue(conversation));
  co_return Value::object({{"conversations", std::move(conversations)}});
}

std::string showList(const Value& result) {
  std::string text;
  for (const Value& conversation : result.listAt("conversations")) {
    text += (text.empty() ? "" : "\n") + showConversation(conversation);
  }
  return text.empty() ? "no conversations yet: say /dm NAME or /create-group TITLE" : text;
}

kj::Promise<Outcome<Value>> members(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  auto all = CO_TRY(orFailure(co_await client.members(conversation.log)));
  Value::List list;
  for (const client::MemberView& member : all) list.push_back(toValue(member));
  co_return Value::object({{"members", std::move(list)}});
}

std::string showMembers(const Value& result) {
  std::string text;
  for (const Value& member : result.listAt("members")) text += (text.empty() ? "" : "\n") + showMember(member);
  return text;
}

const Parameter kConversation{"conversation", Type::conversation, kRequired,
                              "@user, #group, or the first digits of its id"};

}  // namespace

kj::Promise<Outcome<ConversationView>> findConversation(client::Client& client, std::string reference) {
  auto all = CO_TRY(orFailure(co_await client.conversations()));
  std::erase_if(all, [&](const ConversationView& conversation) { return !isMeant(conversation, reference); });
  // One that goes on is meant rather than those that ended.
  if (std::ranges::any_of(all, [](const ConversationView& c) { return !c.ended; }))
    std::erase_if(all, &ConversationView::ended);
  if (all.size() == 1) co_return all[0];
  if (all.empty()) {
    co_return std::unexpected(failureOf(
        {client::ErrorCode::noSuchConversation, "there is no conversation " + reference, "see them with: list"}));
  }
  std::string ids;
  for (const ConversationView& conversation : all) ids += " " + toHex(conversation.log.view()).substr(0, 8);
  co_return std::unexpected(usageFailure(reference + " could be several conversations", "name one by its id:" + ids));
}

Command dmCommand() {
  return {"dm",
          {"dm"},
          "talk to one person; with your own name: notes to yourself",
          {{"user", Type::user, kRequired, "whom to talk to"}},
          dm,
          showConversation};
}
Command createGroupCommand() {
  return {"create-group",
          {"create-group", "cg"},
          "start a group with yourself as its owner",
          {{"title", Type::text, kRequired, "the group's name"}},
          createGroup,
          showConversation};
}
Command inviteCommand() {
  return {"invite",
          {"invite"},
          "add people to a group",
          {kConversation, {"users", Type::users, kRequired, "whom to add"}},
          invite,
          showConversation};
}
Command removeCommand() {
  return {"remove",
          {"remove"},
          "remove a person from a group: they read nothing sent afterwards",
          {kConversation, {"user", Type::user, kRequired, "whom to remove"}},
          removeMember,
          showConversation};
}
Command joinCommand() {
  return {"join",
          {"join"},
          "enter a conversation you were added to, or wait for one",
          {{"wait", Type::number, kOptional, "seconds to wait (default 60)"}},
          join,
          showConversation};
}
Command leaveCommand() { return {"leave", {"leave"}, "leave a group", {kConversation}, leave, showConversation}; }
Command listCommand() { return {"list", {"list", "ls"}, "all conversations", {}, list, showList}; }
Command membersCommand() {
  return {"members", {"members"}, "who is in a conversation", {kConversation}, members, showMembers};
}

}  // namespace qpq::command
