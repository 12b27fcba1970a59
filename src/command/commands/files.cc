#include "command/commands/files.h"

#include <algorithm>
#include <limits>

#include "command/commands/conversations.h"
#include "command/commands/messages.h"
#include "command/commands/views.h"
#include "command/terminal/safe_text.h"
#include "loop/co_try.h"

namespace qpq::command {

namespace {

using client::ConversationView;
using client::MessageView;
constexpr auto kRequired = Parameter::Need::required;
constexpr auto kOptional = Parameter::Need::optional;
constexpr std::size_t kIdDigitsMin = 4;  // fewer would match by chance

// The server has the file when this ends; that the message which names it may still be on its way is said as `send`
// says it.
kj::Promise<Outcome<Value>> sendFile(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  auto sent = co_await client.sendFile(conversation.log, arguments.text("path"));
  if (!sent) co_return std::unexpected(failureOf(sent.error()));
  uint32_t waitS = sendWaitS(arguments);
  bool isDelivered = waitS > 0 && CO_TRY(co_await reachesServer(client, waitS));
  co_return Value::object({{"conversation", toHex(conversation.log.view())},
                           {"id", toHex(sent->written.id.view())},
                           {"sent", Value::number(sent->written.sent.unixMs)},
                           {"state", isDelivered ? "delivered" : "queued"},
                           {"file", toValue(sent->file)}});
}

std::string showSentFile(const Value& result) {
  std::string file = showFile(*result.find("file"));
  return result.textAt("state") == "delivered" ? "sent " + file
                                               : file + " is at the server; its message is sent as soon as it can be";
}

// The newest of a name; by its id exactly one.
Outcome<MessageView> messageMeant(const std::vector<MessageView>& all, const std::string& reference) {
  auto named =
      std::ranges::find_last_if(all, [&](const MessageView& m) { return m.file && m.file->name == reference; });
  if (!named.empty()) return named.front();
  std::vector<MessageView> meant;
  for (const MessageView& message : all) {
    bool isMeant = reference.size() >= kIdDigitsMin && toHex(message.id.view()).starts_with(reference);
    if (isMeant && message.file) meant.push_back(message);
  }
  if (meant.size() == 1) return meant[0];
  if (meant.empty()) {
    return std::unexpected(failureOf({client::ErrorCode::noSuchFile, "nobody has sent a file " + reference + " here",
                                      "files and the digits to name them by are shown by: history"}));
  }
  return std::unexpected(usageFailure(reference + " could be several files", "give more digits of its id"));
}

kj::Promise<Outcome<Value>> saveFile(client::Client& client, Arguments arguments) {
  ConversationView conversation = CO_TRY(co_await findConversation(client, arguments.text("conversation")));
  if (!arguments.has("to")) co_return std::unexpected(usageFailure("\"to\" is missing: where it is to be saved"));
  auto all = co_await client.files(conversation.log, std::numeric_limits<uint32_t>::max());
  if (!all) co_return std::unexpected(failureOf(all.error()));
  MessageView message = CO_TRY(messageMeant(*all, arguments.text("file")));
  auto existing = arguments.flag("force") ? client::Existing::replaced : client::Existing::kept;
  auto saved = co_await client.saveFile(conversation.log, message.id, arguments.text("to"), existing);
  if (!saved) co_return std::unexpected(failureOf(saved.error()));
  co_return Value::object({{"conversation", toHex(conversation.log.view())},
                           {"id", toHex(message.id.view())},
                           {"path", saved->path},
                           {"file", toValue(*message.file)}});
}

std::string showSaved(const Value& result) { return "saved as " + safeLine(result.textAt("path")); }

const Parameter kConversation{"conversation", Type::conversation, kRequired,
                              "@user, #group, or the first digits of its id"};

}  // namespace

Command sendFileCommand() {
  return {"send-file",
          {"send-file", "sf"},
          "send a file; cut off and said again, it goes on where it was",
          {kConversation,
           {"path", Type::path, kRequired, "the file"},
           {"wait", Type::number, kOptional, "seconds to wait for its message to reach the server (default 10)"}},
          sendFile,
          showSentFile,
          Command::Pace::slow};
}

Command saveFileCommand() {
  return {"save-file",
          {"save-file"},
          "save a file that somebody sent",
          {kConversation,
           {"force", Type::flag, kOptional, "replace what stands there already"},
           {"file", Type::message, kRequired, "the first digits of its message's id (history shows them), or its name"},
           {"to", Type::path, kOptional, "a folder, or the path it is to have (default: this folder)"}},
          saveFile,
          showSaved,
          Command::Pace::slow};
}

}  // namespace qpq::command
