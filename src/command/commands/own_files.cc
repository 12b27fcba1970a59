#include "command/commands/own_files.h"

#include <algorithm>
#include <limits>
#include <map>

#include "command/commands/views.h"
#include "command/terminal/safe_text.h"
#include "loop/co_try.h"

namespace qpq::command {

namespace {

using client::OwnFileView;
using Kept = client::OwnFileView::Kept;
constexpr auto kRequired = Parameter::Need::required;
constexpr auto kOptional = Parameter::Need::optional;
constexpr uint32_t kUsageWaitDefaultS = 5;  // the list is here without the server
constexpr uint32_t kFilesMax = std::numeric_limits<uint32_t>::max();
constexpr std::size_t kIdDigitsMin = 4;  // fewer would match by chance

kj::Promise<Outcome<Value>> files(client::Client& client, Arguments arguments) {
  auto all = co_await client.ownFiles(kFilesMax);
  if (!all) co_return std::unexpected(failureOf(all.error()));
  auto conversations = co_await client.conversations();
  if (!conversations) co_return std::unexpected(failureOf(conversations.error()));
  std::map<LogId, std::string> names;
  for (const client::ConversationView& conversation : *conversations) {
    names[conversation.log] = (conversation.kind == client::Kind::group ? "#" : "@") + conversation.title;
  }
  Value::List shown;
  for (const OwnFileView& file : *all) {
    if (file.kept != Kept::held && !arguments.flag("all")) continue;
    Value value = toValue(file);
    value.set("in", names[file.message.log]);
    shown.push_back(std::move(value));
  }
  Value result = Value::object({{"files", std::move(shown)}});
  auto usage = co_await client.fileUsage(arguments.number("wait").value_or(kUsageWaitDefaultS) * uint64_t{kSecondMs});
  if (usage) {
    result.set("usage", Value::object({{"files", Value::number(usage->files)},
                                       {"bytes", Value::number(usage->bytes)},
                                       {"limit", Value::number(usage->bytesMax)}}));
  } else {
    result.set("problem", usage.error().what);
  }
  co_return result;
}

std::string showOwnFile(const Value& file) {
  std::string line = std::string(shownDigits(file)) + "  " + localTime(file.numberAt("sent"), "%Y-%m-%d %H:%M") + "  " +
                     showFile(*file.find("file")) + " to " + safeLine(file.textAt("in"));
  if (file.textAt("state") == "queued") line += ", its message waits for the server";
  if (file.textAt("state") == "failed") line += ", its message was not sent: " + safeLine(file.textAt("problem"));
  if (file.textAt("kept") == "dropped") line += ", dropped";
  if (file.textAt("kept") == "expired") line += ", over 30 days old";
  return line;
}

std::string showFiles(const Value& result) {
  std::string text;
  for (const Value& file : result.listAt("files")) text += showOwnFile(file) + "\n";
  const Value* usage = result.find("usage");
  if (usage == nullptr) {
    if (text.empty()) text = "you have sent no files that the server keeps\n";
    return text + "(how much it keeps for you is not known: " + safeLine(result.textAt("problem")) + ")";
  }
  int64_t count = usage->numberAt("files");
  text += std::to_string(count) + (count == 1 ? " file, " : " files, ") + showSize(usage->numberAt("bytes")) + " of " +
          showSize(usage->numberAt("limit")) + " in use at the server";
  int64_t held =
      std::ranges::count_if(result.listAt("files"), [](const Value& file) { return file.textAt("kept") == "held"; });
  if (count > held) {
    text += "; " + std::to_string(count - held) + " of them not listed (cut off on the way, or another device's)";
  }
  return held == 0 ? text : text + "; drop one with: drop-file FILE";
}

kj::Promise<Outcome<Value>> dropFile(client::Client& client, Arguments arguments) {
  auto all = co_await client.ownFiles(kFilesMax);
  if (!all) co_return std::unexpected(failureOf(all.error()));
  OwnFileView file = CO_TRY(ownFileMeant(*all, arguments.text("file")));
  auto dropped = co_await client.dropFile(file.message.log, file.message.id);
  if (!dropped) co_return std::unexpected(failureOf(dropped.error()));
  file.kept = Kept::dropped;
  file.message.file->dropped = true;
  Value result = toValue(file);
  result.set("gone-before", *dropped == client::FileDropped::goneBefore);
  co_return result;
}

std::string showDropped(const Value& result) {
  std::string file = showFile(*result.find("file"));
  return result.flagAt("gone-before") ? file + " was gone already" : "dropped " + file + "; its message stays";
}

}  // namespace

Outcome<OwnFileView> ownFileMeant(const std::vector<OwnFileView>& all, std::string_view reference) {
  for (Kept kept : {Kept::held, Kept::expired, Kept::dropped}) {
    std::vector<const OwnFileView*> named;
    for (const OwnFileView& file : all) {
      if (file.kept == kept && file.message.file && file.message.file->name == reference) named.push_back(&file);
    }
    // Which of those that are gone it is makes no difference.
    if (named.size() == 1 || (!named.empty() && kept == Kept::dropped)) return *named.back();
    if (!named.empty()) {
      std::string digits;
      for (const OwnFileView* file : named) digits += " " + toHex(file->message.id.view()).substr(0, 8);
      return std::unexpected(usageFailure("you have sent several files named " + std::string(reference),
                                          "name one by its digits (files shows them):" + digits));
    }
  }
  std::vector<const OwnFileView*> meant;
  for (const OwnFileView& file : all) {
    bool isMeant = reference.size() >= kIdDigitsMin && toHex(file.message.id.view()).starts_with(reference);
    if (isMeant) meant.push_back(&file);
  }
  if (meant.size() == 1) return *meant[0];
  if (meant.empty()) {
    return std::unexpected(failureOf({client::ErrorCode::noSuchFile, "you have sent no file " + std::string(reference),
                                      "what you have sent, and the digits to name it by, are shown by: files --all"}));
  }
  return std::unexpected(
      usageFailure(std::string(reference) + " could be several files", "give more digits of its id"));
}

Command filesCommand() {
  return {"files",
          {"files"},
          "the files you have sent that the server keeps, and how much room is left",
          {{"all", Type::flag, kOptional, "also those it keeps no longer"},
           {"wait", Type::number, kOptional, "seconds to wait for the server (default 5)"}},
          files,
          showFiles};
}

Command dropFileCommand() {
  return {"drop-file",
          {"drop-file"},
          "let the server forget a file you have sent; its message stays",
          {{"file", Type::text, kRequired, "the first digits of its message's id (files shows them), or its name"}},
          dropFile,
          showDropped};
}

}  // namespace qpq::command
