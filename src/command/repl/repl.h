#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <map>
#include <optional>
#include <string>

#include "command/host/host.h"
#include "command/repl/slash.h"
#include "command/terminal/inline_screen.h"
#include "command/terminal/keys.h"
#include "command/terminal/line_editor.h"

namespace qpq::command {

// Where the REPL reads and writes: a terminal in a program, a script in a test.
class ReplPort {
 public:
  virtual ~ReplPort() noexcept(false) = default;
  virtual kj::Promise<std::string> read() = 0;  // empty at the end
  virtual void write(std::string_view bytes) = 0;
  virtual int columns() = 0;
};

struct ReplOptions {
  enum class Face { terminal, lines } face = Face::terminal;   // lines: no prompt, no redraw; ends when all is flushed
  enum class Output { people, json } output = Output::people;  // of Face::lines
  std::string conversation;                                    // to begin in; may be empty
  uint32_t flushS = 30;                                        // Face::lines: how long the end waits for the outbox
};

// The interactive face. It holds no rule of conversations: a line becomes a call on the host, an event becomes a line.
class Repl final: private kj::TaskSet::ErrorHandler {
 public:
  Repl(Host& host, ReplPort& port, kj::Timer& timer, ReplOptions options);
  KJ_DISALLOW_COPY_AND_MOVE(Repl);

  kj::Promise<Exit> run();

 private:
  struct Conversation {
    std::string label;  // "@bob", "#team"; as its people write it
    std::string draft;
    int64_t unread = 0;
    int64_t shown = 0;  // messages up to here have been
    bool ended = false;
  };

  kj::Promise<void> greet();
  kj::Promise<Exit> runTerminal();
  kj::Promise<Exit> runLines();
  kj::Promise<std::string> readWithin(bool escapePending);
  // What to do about a line; true to leave.
  kj::Promise<bool> handle(std::string text);
  kj::Promise<void> callCommand(line::Call call);
  kj::Promise<void> callSlowly(line::Call call);
  kj::Promise<void> sendMessage(std::string text);
  kj::Promise<void> refresh();
  kj::Promise<bool> keyOutcome(LineEditor::Outcome outcome, const KeyPress& press);

  void onEvent(const Value& event);
  void open(const std::string& conversation);
  void openNextUnread();
  void showHistory(const std::string& conversation, const Outcome<Value>& history);
  kj::Promise<void> markRead(const std::string& conversation, int64_t seq);
  void tellHeld();
  void print(std::string_view text);
  void printFailure(const Failure& failure);
  void redraw();
  InlineScreen::Block block() const;
  std::string labelled(const std::string& conversation, std::string text) const;
  Names names() const;
  void taskFailed(kj::Exception&& exception) override;

  Host& host_;
  ReplPort& port_;
  kj::Timer& timer_;
  ReplOptions options_;
  KeyReader keys_;
  LineEditor editor_;
  InlineScreen screen_;
  std::string user_;
  std::string current_;  // the open conversation's id, empty at first
  std::map<std::string, Conversation> conversations_;
  std::map<std::string, bool> people_;  // names seen, for completion
  std::optional<kj::Promise<std::string>> reading_;
  std::map<std::string, std::string> transfers_;  // files under way, by name: how far they are
  bool toldOffline_ = false;
  int opening_ = 0;          // conversations whose history is being fetched
  std::vector<Value> held_;  // events that came meanwhile
  Exit exit_ = Exit::ok;
  kj::TaskSet tasks_;  // calls nobody waits for; they end with the REPL
};

}  // namespace qpq::command
