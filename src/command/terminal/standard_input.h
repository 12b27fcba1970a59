#pragma once

#include <kj/async.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/secret.h"
#include "loop/worker.h"

namespace qpq::command {

// Reads this process's standard input, be it a terminal, a pipe or a file, without changing its flags: they belong to
// the shell that started us, too. A read under way is given up when this object goes away.
class StandardInput {
 public:
  StandardInput();
  ~StandardInput() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(StandardInput);

  // What is there, at least one byte; empty at the end.
  kj::Promise<std::string> read();

 private:
  int stopFd_;
  loop::ThreadWorker reader_;
};

// The terminal in raw mode (no echo, no line editing, no signals from keys, bracketed paste on) while this object
// lives. Also undone when the process dies by a signal that can be caught.
class RawMode {
 public:
  RawMode();
  ~RawMode();
  RawMode(const RawMode&) = delete;
  RawMode& operator=(const RawMode&) = delete;
};

bool isTerminal(int fd);
int terminalColumns();                          // 80 where the terminal does not say
void writeAll(int fd, std::string_view bytes);  // to a terminal, a pipe or a file; ends the program as SIGPIPE does

// Asks a line on the controlling terminal, at most kPromptBytesMax of it. Nothing if there is none or the person
// cancels.
std::optional<std::string> promptLine(std::string_view question);
inline constexpr std::size_t kPromptBytesMax = 4096;

// Asks without echo on the controlling terminal. Nothing if there is none or the person cancels.
std::optional<SecretBytes> promptSecret(std::string_view question);

}  // namespace qpq::command
