#include "command/commands/messages.h"

#include <algorithm>
#include <format>
#include <limits>

#include "command/commands/conversations.h"
#include "command/commands/views.h"
#include "command/terminal/safe_text.h"
#include "loop/co_try.h"

namespace qpq::command {

namespace {

using client::ConversationView;
using client::MessageView;
constexpr auto kRequired = Parameter::Need::required;
constexpr auto kOptional = Parameter::Need::optional;
constexpr uint32_t kSendWaitDefaultS = 10;
constexpr uint32_t kReceiveWaitDefaultS = 10;
constexpr uint32_t kHistoryDefault = 20;
constexpr uint32_t kHistoryMax = 10'000;

// Time mends it: what was written waits in the outbox, and what is on the server stays there.
bool isWaiting(const client::Error& error) {
  return error.code == client::ErrorCode::offline || error.code == client::ErrorCode::serverUnavailable;
}

// Accepted means durable in the outbox; whether it also reached the server within the wait is said in the result.
kj::Promise<Outcome<Value>> send(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  auto written = co_await client.send(conversation.log, arguments.text("text"));
  if (!written) co_return std::unexpected(failureOf(written.error()));
  uint32_t waitS = sendWaitS(arguments);
  bool isDelivered = waitS > 0 && CO_TRY(co_await reachesServer(client, waitS));
  co_return Value::object({{"conversation", toHex(conversation.log.view())},
                           {"id", toHex(written->id.view())},
                           {"sent", Value::number(written->sent.unixMs)},
                           {"state", isDelivered ? "delivered" : "queued"}});
}

std::string showSent(const Value& result) {
  return result.textAt("state") == "delivered" ? "sent" : "kept: it is sent as soon as the server can be reached";
}

// Everything unread, oldest first per conversation, and from now on read. What the server holds is fetched first;
// without it, what is here is shown.
kj::Promise<Outcome<Value>> recv(client::Client& client, Arguments arguments) {
  uint32_t waitS = arguments.number("wait").value_or(kReceiveWaitDefaultS);
  auto caughtUp = co_await client.catchUp(uint64_t{waitS} * kSecondMs);
  auto conversations = co_await client.conversations();
  if (!conversations) co_return std::unexpected(failureOf(conversations.error()));
  Value::List messages;
  for (const ConversationView& conversation : *conversations) {
    if (conversation.unread == 0) continue;
    auto unread = static_cast<uint32_t>(std::min<uint64_t>(conversation.unread, kHistoryMax));
    auto history = co_await client.unread(conversation.log, unread);
    if (!history) co_return std::unexpected(failureOf(history.error()));
    uint64_t shown = 0;
    for (const MessageView& message : *history) {
      shown = std::max(shown, message.seq);
      Value value = toValue(message);
      value.set("in", (conversation.kind == client::Kind::group ? "#" : "@") + conversation.title);
      messages.push_back(std::move(value));
    }
    auto marked = co_await client.markRead(conversation.log, shown);
    if (!marked) co_return std::unexpected(failureOf(marked.error()));
  }
  // Where something is here it is shown, for it counts as read from now on; where nothing is, the reason is the answer.
  if (!caughtUp && messages.empty() && !isWaiting(caughtUp.error()))
    co_return std::unexpected(failureOf(caughtUp.error()));
  Value result = Value::object({{"messages", std::move(messages)}, {"complete", caughtUp.has_value()}});
  if (!caughtUp) result.set("problem", caughtUp.error().what);
  co_return result;
}

std::string showMessages(const Value& result) {
  std::string text;
  for (const Value& message : result.listAt("messages")) text += (text.empty() ? "" : "\n") + showMessage(message);
  return text;
}

std::string showReceived(const Value& result) {
  std::string text;
  std::string_view in;
  for (const Value& message : result.listAt("messages")) {
    if (message.textAt("in") != in) {
      in = message.textAt("in");
      text += (text.empty() ? "" : "\n") + safeLine(in) + "\n";
    } else {
      text += "\n";
    }
    text += "  " + showMessage(message);
  }
  if (text.empty()) text = "nothing new";
  if (!result.flagAt("complete"))
    text += std::format("\n(there may be more on the server: {})", safeLine(result.textAt("problem")));
  return text;
}

kj::Promise<Outcome<Value>> history(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  uint32_t count = std::min(arguments.number("count").value_or(kHistoryDefault), kHistoryMax);
  auto all = co_await client.history(conversation.log, count);
  if (!all) co_return std::unexpected(failureOf(all.error()));
  Value::List messages;
  for (const MessageView& message : *all) messages.push_back(toValue(message));
  co_return Value::object({{"messages", std::move(messages)}});
}

kj::Promise<Outcome<Value>> markRead(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  auto marked = co_await client.markRead(conversation.log,
                                         arguments.number("seq").value_or(std::numeric_limits<uint32_t>::max()));
  if (!marked) co_return std::unexpected(failureOf(marked.error()));
  co_return Value::object({{"conversation", toHex(conversation.log.view())}});
}

std::string showNothing(const Value&) { return {}; }

kj::Promise<Outcome<Value>> flush(client::Client& client, Arguments arguments) {
  bool isDelivered = CO_TRY(co_await reachesServer(client, sendWaitS(arguments)));
  co_return Value::object({{"state", isDelivered ? "delivered" : "queued"}});
}

std::string showFlushed(const Value& result) {
  return result.textAt("state") == "delivered" ? "everything is with the server"
                                               : "something still waits for the server";
}

const Parameter kConversation{"conversation", Type::conversation, kRequired,
                              "@user, #group, or the first digits of its id"};

}  // namespace

uint32_t sendWaitS(const Arguments& arguments) { return arguments.number("wait").value_or(kSendWaitDefaultS); }

kj::Promise<Outcome<bool>> reachesServer(client::Client& client, uint32_t waitS) {
  auto flushed = co_await client.flush(uint64_t{waitS} * kSecondMs);
  if (!flushed && !isWaiting(flushed.error())) co_return std::unexpected(failureOf(flushed.error()));
  co_return flushed.has_value();
}

Command sendCommand() {
  return {"send",
          {},
          "send a message; exit code 9 if it is kept for later",
          {kConversation,
           {"text", Type::text, kRequired, "the message"},
           {"wait", Type::number, kOptional, "seconds to wait for the server (default 10)"}},
          send,
          showSent};
}
Command recvCommand() {
  return {"recv",
          {},
          "show what is unread",
          {{"wait", Type::number, kOptional, "seconds to wait for the server (default 10)"}},
          recv,
          showReceived};
}
Command historyCommand() {
  return {"history",
          {"history", "hist"},
          "the last messages of a conversation",
          {kConversation, {"count", Type::number, kOptional, "how many (default 20)"}},
          history,
          showMessages};
}

Command markReadCommand() {
  return {"mark-read",
          {},
          "count a conversation's messages as read",
          {kConversation,
           {"seq", Type::number, kOptional, "up to this place; what came after it stays unread (default: all)"}},
          markRead,
          showNothing};
}
Command flushCommand() {
  return {"flush",
          {},
          "wait until everything written has reached the server",
          {{"wait", Type::number, kOptional, "seconds to wait for the server (default 10)"}},
          flush,
          showFlushed};
}

}  // namespace qpq::command
