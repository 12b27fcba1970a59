#pragma once

#include <kj/exception.h>
#include <kj/function.h>

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "base/time.h"
#include "server/observe/log_options.h"

namespace qpq::server {

// One thing worth knowing beside the message.
struct Fact {
  std::string_view name;  // letters and `_`
  std::string value;
};

// Where everything goes that a running server tells its operator: one line an event, in one of two formats. Every
// KJ_LOG of a thread ends here, too, while a Journal lives on its stack, and those of the threads it starts with
// kj::Thread.
//
// At info and above a line names no person, device, conversation or address of a client. What KJ calls information is
// a developer's, and may hold parts of a call: it is told at debug only.
class Journal final: public kj::ExceptionCallback {
 public:
  using Sink = kj::Function<void(std::string_view line)>;  // the line ends in a newline; called from any thread
  // `clock` and `sink` outlive it and what it starts. The level of KJ_LOG, which is the process', follows.
  Journal(const Clock& clock, const LogOptions& options, Sink& sink);

  void tell(LogLevel level, std::string_view message, std::initializer_list<Fact> facts = {}) const;

  void logMessage(kj::LogSeverity severity, const char* file, int line, int contextDepth, kj::String&& text) override;
  kj::Function<void(kj::Function<void()>)> getThreadInitializer() override;

 private:
  const Clock& clock_;
  const LogOptions options_;
  Sink& sink_;
};

// A line of a journal. Public for tests: whatever is in a value, it is one line and its quotes are closed.
std::string journalLine(LogFormat format, Instant time, LogLevel level, std::string_view message,
                        std::initializer_list<Fact> facts);

// To standard error, whole lines at a time.
void writeToStandardError(std::string_view line);

}  // namespace qpq::server
