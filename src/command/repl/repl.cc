#include "command/repl/repl.h"

#include <algorithm>

#include "command/commands/views.h"
#include "command/terminal/safe_text.h"

namespace qpq::command {

namespace {

constexpr auto kEscapeSilence = 50 * kj::MILLISECONDS;
constexpr int64_t kHistoryOnOpen = 10;
constexpr int64_t kHistoryOnOpenMax = 1'000;  // of what is unread

std::string labelOf(const Value& conversation) {
  std::string_view kind = conversation.textAt("kind");
  return (kind == "group" ? "#" : "@") + std::string(conversation.textAt("title"));
}

}  // namespace

Repl::Repl(Host& host, ReplPort& port, kj::Timer& timer, ReplOptions options)
    : host_(host),
      port_(port),
      timer_(timer),
      options_(kj::mv(options)),
      editor_([this](std::string_view line) { return completions(line, names()); }),
      tasks_(*this) {}

kj::Promise<Exit> Repl::run() {
  auto listening = host_.listen([this](const Value& event) { onEvent(event); });
  co_await greet();
  if (options_.face == ReplOptions::Face::terminal) co_return co_await runTerminal();
  co_return co_await runLines();
}

kj::Promise<void> Repl::greet() {
  auto who = co_await host_.call("whoami", {});
  if (who) user_ = std::string(who->textAt("name"));
  co_await refresh();
  if (options_.face == ReplOptions::Face::terminal && who) {
    print("you are @" + safeLine(user_) + " on " + safeLine(who->textAt("server")) +
          (who->flagAt("online") ? "" : " (offline)") + "; /help lists the commands");
  }
  if (!options_.conversation.empty()) {
    auto wanted = std::ranges::find_if(conversations_, [this](const auto& entry) {
      return entry.second.label == options_.conversation || entry.first.starts_with(options_.conversation);
    });
    if (wanted != conversations_.end()) open(wanted->first);
  }
}

kj::Promise<Exit> Repl::runTerminal() {
  redraw();
  for (;;) {
    std::string bytes = co_await readWithin(keys_.pending());
    std::vector<KeyPress> presses = bytes.empty() && keys_.pending() ? keys_.settle() : keys_.feed(bytes);
    if (bytes.empty() && presses.empty()) break;
    for (const KeyPress& press : presses) {
      if (co_await keyOutcome(editor_.press(press), press)) {
        port_.write(screen_.erase());
        co_return exit_;
      }
    }
    redraw();
  }
  port_.write(screen_.erase());
  co_return exit_;
}

// The next bytes; with an unfinished escape sequence, nothing after a short silence.
kj::Promise<std::string> Repl::readWithin(bool escapePending) {
  auto forked = (reading_ ? kj::mv(*reading_) : port_.read()).fork();
  reading_.reset();
  if (!escapePending) co_return co_await forked.addBranch();
  auto bytes = forked.addBranch().then([](std::string got) { return std::optional(kj::mv(got)); });
  auto silence = timer_.afterDelay(kEscapeSilence).then([]() { return std::optional<std::string>(); });
  auto first = co_await bytes.exclusiveJoin(kj::mv(silence));
  if (!first) reading_ = forked.addBranch();
  co_return first.value_or(std::string());
}

kj::Promise<bool> Repl::keyOutcome(LineEditor::Outcome outcome, const KeyPress& press) {
  switch (outcome) {
    case LineEditor::Outcome::editing: co_return false;
    case LineEditor::Outcome::submitted: {
      std::string text = editor_.take();
      redraw();
      co_return co_await handle(kj::mv(text));
    }
    case LineEditor::Outcome::interrupted:
      // The first Ctrl-C gives up the draft, one on an empty line leaves.
      if (editor_.text().empty()) {
        exit_ = Exit::interrupted;
        co_return true;
      }
      editor_.exchangeDraft({});
      co_return false;
    case LineEditor::Outcome::endOfInput: co_return true;
    case LineEditor::Outcome::unhandled: break;
  }
  if (press.key == Key::nextUnread) openNextUnread();
  if (press.key == Key::clearScreen) port_.write("\x1b[2J\x1b[H");
  if (press.key == Key::jump) {
    auto index = static_cast<std::size_t>(press.text[0] - '1');
    if (index < conversations_.size())
      open(std::next(conversations_.begin(), static_cast<std::ptrdiff_t>(index))->first);
  }
  co_return false;
}

kj::Promise<Exit> Repl::runLines() {
  std::string rest;
  bool ended = false;
  while (!ended || !rest.empty()) {
    std::size_t newline = rest.find('\n');
    if (newline == std::string::npos && !ended) {
      std::string bytes = co_await port_.read();
      ended = bytes.empty();
      rest += bytes;
      continue;
    }
    std::string line = rest.substr(0, newline);
    rest.erase(0, newline == std::string::npos ? rest.size() : newline + 1);
    if (co_await handle(kj::mv(line))) break;
  }
  auto flushed = co_await host_.call("flush", Value::object({{"wait", int64_t{options_.flushS}}}));
  if (!flushed) {
    printFailure(flushed.error());
    if (exit_ == Exit::ok) exit_ = flushed.error().exit;
  } else if (flushed->textAt("state") != "delivered" && exit_ == Exit::ok) {
    exit_ = Exit::queued;
  }
  co_return exit_;
}

kj::Promise<bool> Repl::handle(std::string text) {
  auto parsed = parseLine(text, current_);
  if (!parsed) {
    printFailure(parsed.error());
    co_return false;
  }
  if (std::holds_alternative<line::Quit>(*parsed)) co_return true;
  if (auto* message = std::get_if<line::Message>(&*parsed)) co_await sendMessage(kj::mv(message->text));
  if (auto* call = std::get_if<line::Call>(&*parsed)) {
    bool isSlow = call->command->pace == Command::Pace::slow;
    if (isSlow && options_.face == ReplOptions::Face::terminal) {
      tasks_.add(callSlowly(kj::mv(*call)));
    } else {
      co_await callCommand(kj::mv(*call));
    }
  }
  if (auto* help = std::get_if<line::Help>(&*parsed)) print(helpText(help->topic));
  if (auto* wanted = std::get_if<line::Switch>(&*parsed)) {
    co_await refresh();
    auto found = std::ranges::find_if(conversations_,
                                      [&](const auto& entry) { return entry.second.label == wanted->conversation; });
    if (found == conversations_.end()) {
      printFailure(usageFailure("there is no conversation " + wanted->conversation, "/list shows them"));
    } else {
      open(found->first);
    }
  }
  co_return false;
}

kj::Promise<void> Repl::callCommand(line::Call call) {
  auto result = co_await host_.call(std::string(call.command->name), kj::mv(call.parameters));
  if (!result) {
    printFailure(result.error());
    co_return;
  }
  if (options_.output == ReplOptions::Output::json) {
    port_.write(toJson(*result) + "\n");
  }
  co_await refresh();
  // What begins or enters a conversation opens it. On a terminal that, or the event of the change, is all there is to
  // show.
  std::string_view name = call.command->name;
  bool opens = name == "dm" || name == "create-group" || name == "join";
  bool isTold = opens || name == "invite" || name == "remove" || name == "leave";
  bool isShown =
      options_.output != ReplOptions::Output::json && !(isTold && options_.face == ReplOptions::Face::terminal);
  if (isShown) print(call.command->show(*result));
  if (opens) open(std::string(result->textAt("conversation")));
}

// The person goes on writing meanwhile.
kj::Promise<void> Repl::callSlowly(line::Call call) {
  co_await callCommand(kj::mv(call));
  transfers_.clear();  // what else is under way tells anew where it is
  redraw();
}

kj::Promise<void> Repl::sendMessage(std::string text) {
  if (current_.empty()) {
    printFailure(
        usageFailure("nobody would read that: no conversation is open", "/dm NAME, /create-group TITLE or /switch"));
    co_return;
  }
  auto sent = co_await host_.call("send", Value::object({{"conversation", current_}, {"text", text}, {"wait", 0}}));
  if (!sent) {
    printFailure(sent.error());
    co_return;
  }
  if (options_.face == ReplOptions::Face::terminal) print(showOwn(*sent, user_, text));
}

kj::Promise<void> Repl::refresh() {
  auto list = co_await host_.call("list", {});
  if (!list) co_return;
  std::map<std::string, Conversation> fresh;
  for (const Value& conversation : list->listAt("conversations")) {
    std::string id(conversation.textAt("conversation"));
    Conversation& entry = fresh[id];
    entry.label = labelOf(conversation);
    if (auto before = conversations_.find(id); before != conversations_.end()) {
      entry.draft = before->second.draft;
      entry.shown = before->second.shown;
    }
    entry.unread = id == current_ ? 0 : conversation.numberAt("unread");
    entry.ended = conversation.flagAt("ended");
    if (entry.label.starts_with('@')) people_[entry.label] = true;
  }
  conversations_ = kj::mv(fresh);
}

void Repl::open(const std::string& conversation) {
  auto found = conversations_.find(conversation);
  if (found == conversations_.end() || conversation == current_) return;
  std::string draft = editor_.exchangeDraft(found->second.draft);
  if (auto before = conversations_.find(current_); before != conversations_.end()) before->second.draft = kj::mv(draft);
  current_ = conversation;
  int64_t count = std::clamp(found->second.unread, kHistoryOnOpen, kHistoryOnOpenMax);
  found->second.unread = 0;
  // On pipes a message is shown once, when it comes.
  if (options_.face == ReplOptions::Face::lines) return;
  ++opening_;
  auto history = host_.call("history", Value::object({{"conversation", conversation}, {"count", count}}));
  tasks_.add(history.then([this, conversation](Outcome<Value> fetched) { showHistory(conversation, fetched); })
                 .catch_([](kj::Exception&&) {})
                 .then([this]() { tellHeld(); }));
}

// What was said before comes into the scrollback, and counts as read.
void Repl::showHistory(const std::string& conversation, const Outcome<Value>& history) {
  Conversation& opened = conversations_[conversation];
  std::string text = "-- " + safeLine(opened.label);
  if (history) {
    for (const Value& message : history->listAt("messages")) {
      opened.shown = std::max(opened.shown, message.numberAt("seq"));
      text += "\n" + showMessage(message);
    }
  }
  print(text);
  tasks_.add(markRead(conversation, opened.shown));
}

kj::Promise<void> Repl::markRead(const std::string& conversation, int64_t seq) {
  return host_.call("mark-read", Value::object({{"conversation", conversation}, {"seq", seq}})).ignoreResult();
}

void Repl::openNextUnread() {
  for (const auto& [id, conversation] : conversations_) {
    if (conversation.unread > 0) {
      open(id);
      return;
    }
  }
}

// A message that comes while history is being fetched would be shown before it, and with it once more.
void Repl::tellHeld() {
  if (--opening_ > 0) return;
  for (const Value& event : std::exchange(held_, {})) onEvent(event);
}

void Repl::onEvent(const Value& event) {
  if (options_.face == ReplOptions::Face::lines && options_.output == ReplOptions::Output::json) {
    port_.write(toJson(event) + "\n");
    return;
  }
  if (event.textAt("event") == "transfer") {
    transfers_[std::string(event.textAt("name"))] = showTransfer(event);
    if (event.numberAt("done") == event.numberAt("total")) transfers_.erase(std::string(event.textAt("name")));
    if (options_.face == ReplOptions::Face::terminal) redraw();
    return;
  }
  if (opening_ > 0) {
    held_.push_back(event);
    return;
  }
  if (event.textAt("event") == "connection") {
    bool online = event.flagAt("online");
    // That a program which has just begun is connected is no news.
    if (online && !toldOffline_) return;
    toldOffline_ = !online;
  }
  const Value* message = event.find("message");
  std::string conversation(message != nullptr ? message->textAt("conversation") : event.textAt("conversation"));
  if (message != nullptr) {
    people_["@" + std::string(message->textAt("from"))] = true;
    if (message->textAt("state") != "received") return;
    Conversation& entry = conversations_[conversation];
    int64_t seq = message->numberAt("seq");
    if (seq <= entry.shown) return;  // its history, which has just been shown, had it already
    entry.shown = seq;
    if (conversation != current_) {
      ++entry.unread;
    } else {
      tasks_.add(markRead(conversation, seq));
    }
  }
  if (!conversation.empty() && (!conversations_.contains(conversation) || conversations_[conversation].label.empty())) {
    // A conversation not known yet: its name is asked for first.
    tasks_.add(refresh().then([this, event, conversation]() { print(labelled(conversation, showEvent(event))); }));
    return;
  }
  std::string text = showEvent(event);
  if (!text.empty()) print(labelled(conversation, kj::mv(text)));
}

std::string Repl::labelled(const std::string& conversation, std::string text) const {
  auto found = conversations_.find(conversation);
  if (conversation.empty() || conversation == current_ || found == conversations_.end()) return text;
  return "[" + safeLine(found->second.label) + "] " + text;
}

void Repl::print(std::string_view text) {
  if (text.empty()) return;
  if (options_.face == ReplOptions::Face::lines) {
    port_.write(std::string(text) + "\n");
  } else {
    screen_.resize(port_.columns());
    port_.write(screen_.print(text, block(), editor_));
  }
}

void Repl::printFailure(const Failure& failure) {
  if (options_.face == ReplOptions::Face::lines && exit_ == Exit::ok) exit_ = failure.exit;
  if (options_.output == ReplOptions::Output::json) {
    port_.write(toJson(Value::object({{"error", toValue(failure)}})) + "\n");
    return;
  }
  std::string text = "error: " + safeText(failure.what);
  if (!failure.hint.empty()) text += "\nhint: " + safeText(failure.hint);
  print(text);
}

void Repl::redraw() {
  screen_.resize(port_.columns());
  port_.write(screen_.draw(block(), editor_));
}

InlineScreen::Block Repl::block() const {
  InlineScreen::Block block;
  auto open = conversations_.find(current_);
  block.prompt = (open == conversations_.end() ? std::string() : safeLine(open->second.label) + " ") + "› ";
  for (const auto& [name, transfer] : transfers_) block.status += " " + transfer + " ";
  for (const auto& [id, conversation] : conversations_) {
    if (conversation.unread == 0) continue;
    block.status += " " + safeLine(conversation.label) + " " + std::to_string(conversation.unread) + " ";
  }
  return block;
}

void Repl::taskFailed(kj::Exception&&) {
  // Host calls answer failures as results; an exception here is a host that went away, which run() notices itself.
}

Names Repl::names() const {
  Names names;
  for (const auto& [name, seen] : people_) names.users.push_back(name);
  for (const auto& [id, conversation] : conversations_) names.conversations.push_back(conversation.label);
  return names;
}

}  // namespace qpq::command
