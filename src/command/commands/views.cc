#include "command/commands/views.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <format>

#include "command/terminal/safe_text.h"

namespace qpq::command {

namespace {

using client::Cause;
using client::MessageView;

constexpr std::size_t kShownDigits = 8;  // of a message's id, for a person to type

std::string hex(const auto& id) { return toHex(id.view()); }

std::string_view word(client::Kind kind) {
  switch (kind) {
    case client::Kind::direct: return "direct";
    case client::Kind::group: return "group";
    case client::Kind::notes: return "notes";
  }
  return {};
}

std::string_view word(client::Role role) {
  switch (role) {
    case client::Role::member: return "member";
    case client::Role::admin: return "admin";
    case client::Role::owner: return "owner";
  }
  return {};
}

std::string_view word(MessageView::State state) {
  switch (state) {
    case MessageView::State::queued: return "queued";
    case MessageView::State::delivered: return "delivered";
    case MessageView::State::received: return "received";
    case MessageView::State::failed: return "failed";
  }
  return {};
}

std::string_view word(client::OwnFileView::Kept kept) {
  switch (kept) {
    case client::OwnFileView::Kept::held: return "held";
    case client::OwnFileView::Kept::dropped: return "dropped";
    case client::OwnFileView::Kept::expired: return "expired";
  }
  return {};
}

struct CauseText {
  Cause cause;
  std::string_view word;
  std::string_view sentence;
};
constexpr std::array kCauses = {
    CauseText{Cause::duplicate, "duplicate", "it was here before"},
    CauseText{Cause::expired, "expired", "it was deleted before this device read it"},
    CauseText{Cause::ownEcho, "own-echo", "it is this device's own, from a state it no longer has"},
    CauseText{Cause::badCommit, "bad-commit", "a change of the group broke its rules and was not applied"},
    CauseText{Cause::badPath, "bad-path", "a change of the group holds no usable secret for this device"},
    CauseText{Cause::missingProposal, "missing-proposal", "a change of the group refers to something never received"},
    CauseText{Cause::forged, "forged", "it is not what its sender sealed"},
    CauseText{Cause::lostState, "lost-state", "this device no longer has the keys of that time"},
    CauseText{Cause::lostKeyPackage, "lost-key-package", "the invitation was made for keys this device no longer has"},
    CauseText{Cause::unknownPolicy, "unknown-policy",
              "the group follows rules this version does not know: please update"},
};

std::string_view word(Cause cause) {
  for (const CauseText& text : kCauses) {
    if (text.cause == cause) return text.word;
  }
  return {};
}

Value names(const std::vector<client::Who>& all) {
  Value list{Value::List()};
  for (const client::Who& who : all) list.push(who.name);
  return list;
}

std::string joined(const Value::List& names) {
  std::string text;
  for (const Value& name : names) text += (text.empty() ? "" : ", ") + safeLine(*name.text());
  return text;
}

std::string clockTime(int64_t unixMs) { return localTime(unixMs, "%H:%M"); }

struct ToValue {
  Value operator()(const client::event::Message& e) const {
    return Value::object({{"event", "message"}, {"message", toValue(e.message)}});
  }
  Value operator()(const client::event::Delivered& e) const {
    return Value::object(
        {{"event", "delivered"}, {"conversation", hex(e.log)}, {"id", hex(e.id)}, {"seq", Value::number(e.seq)}});
  }
  Value operator()(const client::event::Joined& e) const {
    return Value::object({{"event", "joined"}, {"conversation", hex(e.log)}, {"by", e.by.name}});
  }
  Value operator()(const client::event::MembersChanged& e) const {
    return Value::object({{"event", "members"},
                          {"conversation", hex(e.log)},
                          {"by", e.by.name},
                          {"added", names(e.added)},
                          {"removed", names(e.removed)}});
  }
  Value operator()(const client::event::Renamed& e) const {
    return Value::object({{"event", "renamed"}, {"conversation", hex(e.log)}, {"by", e.by.name}, {"title", e.title}});
  }
  Value operator()(const client::event::Ended& e) const {
    return Value::object({{"event", "ended"}, {"conversation", hex(e.log)}, {"by", e.by.name}, {"left", e.isOwnLeave}});
  }
  Value operator()(const client::event::Unreadable& e) const {
    return Value::object({{"event", "unreadable"},
                          {"conversation", hex(e.log)},
                          {"seq", Value::number(e.seq)},
                          {"cause", word(e.cause)}});
  }
  Value operator()(const client::event::Alarm& e) const {
    Value value = Value::object({{"event", "alarm"}, {"what", e.what}});
    if (e.log) value.set("conversation", hex(*e.log));
    return value;
  }
  Value operator()(const client::event::Transfer& e) const {
    return Value::object({{"event", "transfer"},
                          {"conversation", hex(e.log)},
                          {"way", e.way == client::event::Transfer::Way::up ? "up" : "down"},
                          {"name", e.name},
                          {"done", Value::number(e.done)},
                          {"total", Value::number(e.total)}});
  }
  Value operator()(const client::event::Connection& e) const {
    return Value::object({{"event", "connection"}, {"online", e.online}, {"detail", e.detail}});
  }
};

}  // namespace

Value toValue(const client::FileView& file) {
  Value value = Value::object({{"name", file.name}, {"size", Value::number(file.size)}});
  if (file.dropped) value.set("dropped", true);
  return value;
}

Value toValue(const client::MessageView& message) {
  Value value = Value::object({{"conversation", hex(message.log)},
                               {"id", hex(message.id)},
                               {"from", message.authorName},
                               {"account", hex(message.author)},
                               {"sent", Value::number(message.sent.unixMs)},
                               {"seq", Value::number(message.seq)},
                               {"state", word(message.state)},
                               {"type", int64_t{message.type}},
                               {"text", message.text}});
  if (message.file) value.set("file", toValue(*message.file));
  if (!message.problem.empty()) value.set("problem", message.problem);
  return value;
}

Value toValue(const client::OwnFileView& file) {
  const client::MessageView& message = file.message;
  Value value = Value::object({{"conversation", hex(message.log)},
                               {"id", hex(message.id)},
                               {"sent", Value::number(message.sent.unixMs)},
                               {"state", word(message.state)},
                               {"kept", word(file.kept)}});
  if (message.file) value.set("file", toValue(*message.file));
  if (!message.problem.empty()) value.set("problem", message.problem);
  return value;
}

Value toValue(const client::ConversationView& conversation) {
  return Value::object({{"conversation", hex(conversation.log)},
                        {"kind", word(conversation.kind)},
                        {"title", conversation.title},
                        {"unread", Value::number(conversation.unread)},
                        {"entered", conversation.entered},
                        {"last", Value::number(conversation.lastActivity.unixMs)},
                        {"ended", conversation.ended},
                        {"lost", conversation.lost}});
}

Value toValue(const client::MemberView& member) {
  Value devices{Value::List()};
  for (const DeviceId& device : member.devices) devices.push(hex(device));
  return Value::object({{"name", member.name},
                        {"account", hex(member.account)},
                        {"role", word(member.role)},
                        {"self", member.self},
                        {"devices", std::move(devices)}});
}

Value toValue(const client::Whoami& whoami) {
  return Value::object({{"name", whoami.name},
                        {"account", hex(whoami.account)},
                        {"device", hex(whoami.device)},
                        {"server", whoami.server},
                        {"server-key", whoami.serverFingerprint},
                        {"online", whoami.online},
                        {"devices", Value::number(whoami.devices)},
                        {"conversations", Value::number(whoami.conversations)},
                        {"queued", Value::number(whoami.queued)}});
}

Value toValue(const client::Event& event) { return std::visit(ToValue(), event); }

std::string_view causeSentence(std::string_view cause) {
  for (const CauseText& text : kCauses) {
    if (text.word == cause) return text.sentence;
  }
  return "for a reason this version does not know";
}

std::string localTime(int64_t unixMs, const char* format) {
  auto seconds = static_cast<std::time_t>(unixMs / 1000);
  std::tm local{};
  localtime_r(&seconds, &local);
  std::array<char, 32> text{};
  std::strftime(text.data(), text.size(), format, &local);
  return text.data();
}

std::string_view shownDigits(const Value& message) { return message.textAt("id").substr(0, kShownDigits); }

std::string showSize(int64_t bytes) {
  auto size = static_cast<double>(bytes);
  std::string_view unit = "bytes";
  for (std::string_view larger : {"KiB", "MiB", "GiB"}) {
    if (size < 1024) break;
    size /= 1024;
    unit = larger;
  }
  return std::format("{:.{}f} {}", size, unit == "bytes" ? 0 : 1, unit);
}

std::string showFile(const Value& file) {
  return safeLine(file.textAt("name")) + " (" + showSize(file.numberAt("size")) + ")";
}

std::string showTransfer(const Value& event) {
  int64_t percent = event.numberAt("done") * 100 / std::max<int64_t>(event.numberAt("total"), 1);
  return safeLine(event.textAt("name")) + (event.textAt("way") == "up" ? " ↑ " : " ↓ ") + std::to_string(percent) +
         " %";
}

std::string showMessage(const Value& message) {
  std::string_view state = message.textAt("state");
  std::string text = message.numberAt("type") == 1 ? safeText(message.textAt("text")) : "(needs a newer qpq)";
  if (const Value* file = message.find("file")) {
    text = "[file] " + showFile(*file) + ", " +
           (file->flagAt("dropped") ? "dropped" : "save-file " + std::string(shownDigits(message)));
  }
  std::string mark = state == "queued" ? " ·" : state == "delivered" ? " ✓" : state == "failed" ? " ✗" : "";
  std::string line = clockTime(message.numberAt("sent")) + " " + safeLine(message.textAt("from")) + mark + "  " + text;
  if (state == "failed") line += "  (" + safeLine(message.textAt("problem")) + ")";
  return line;
}

std::string showOwn(const Value& sent, std::string_view author, std::string_view text) {
  return clockTime(sent.numberAt("sent")) + " " + safeLine(author) + "  " + safeText(text);
}

std::string showConversation(const Value& conversation) {
  std::string_view kind = conversation.textAt("kind");
  std::string title = safeLine(conversation.textAt("title"));
  std::string line = kind == "group"   ? "#" + title
                     : kind == "notes" ? "@" + title + "  (notes to yourself)"
                                       : "@" + title;
  if (int64_t unread = conversation.numberAt("unread"); unread > 0) line += "  " + std::to_string(unread) + " unread";
  if (conversation.flagAt("ended")) line += "  (ended)";
  if (conversation.flagAt("lost"))
    line += "  (its keys are lost here: ask a member to remove you and invite you again)";
  return line;
}

std::string showMember(const Value& member) {
  std::string line = "@" + safeLine(member.textAt("name"));
  if (member.flagAt("self")) line += " (you)";
  if (member.textAt("role") != "member") line += "  " + std::string(member.textAt("role"));
  std::size_t devices = member.listAt("devices").size();
  if (devices != 1) line += "  " + std::to_string(devices) + " devices";
  return line;
}

std::string showEvent(const Value& event) {
  std::string_view kind = event.textAt("event");
  std::string by = safeLine(event.textAt("by"));
  if (kind == "message") return showMessage(*event.find("message"));
  if (kind == "joined") return "-- " + by + " added you";
  if (kind == "members") {
    std::string line;
    if (!event.listAt("added").empty()) line = "-- " + by + " added " + joined(event.listAt("added"));
    if (!event.listAt("removed").empty()) {
      line += (line.empty() ? "" : "\n");
      bool left = joined(event.listAt("removed")) == by;
      line += left ? "-- " + by + " left" : "-- " + by + " removed " + joined(event.listAt("removed"));
    }
    return line;
  }
  if (kind == "renamed") return "-- " + by + " named the group " + safeLine(event.textAt("title"));
  if (kind == "ended" && event.flagAt("left")) return "-- you left";
  if (kind == "ended") return "-- you are no longer in this conversation" + (by.empty() ? "" : " (" + by + ")");
  if (kind == "unreadable") {
    return "-- a message could not be read: " + std::string(causeSentence(event.textAt("cause")));
  }
  if (kind == "alarm") return "!! " + safeLine(event.textAt("what"));
  if (kind == "connection") {
    return event.flagAt("online") ? "-- online" : "-- offline: " + safeLine(event.textAt("detail"));
  }
  return {};
}

}  // namespace qpq::command
