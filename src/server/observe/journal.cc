#include "server/observe/journal.h"

#include <kj/debug.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <format>

#include "server/observe/quoted.h"

namespace qpq::server {

namespace {

LogLevel levelOf(kj::LogSeverity severity) {
  switch (severity) {
    case kj::LogSeverity::INFO:
    case kj::LogSeverity::DBG: return LogLevel::debug;
    case kj::LogSeverity::WARNING: return LogLevel::warn;
    case kj::LogSeverity::ERROR:
    case kj::LogSeverity::FATAL: return LogLevel::error;
  }
  return LogLevel::error;
}

kj::LogSeverity severityOf(LogLevel level) {
  switch (level) {
    case LogLevel::debug: return kj::LogSeverity::INFO;
    case LogLevel::info:
    case LogLevel::warn: return kj::LogSeverity::WARNING;
    case LogLevel::error: return kj::LogSeverity::ERROR;
  }
  return kj::LogSeverity::WARNING;
}

bool isPlain(std::string_view text) {
  auto isWord = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:[]+,").contains(c);
  };
  return !text.empty() && std::ranges::all_of(text, isWord);
}

std::string rfc3339(Instant time) {
  using namespace std::chrono;
  return std::format("{:%FT%T}Z", sys_time<milliseconds>(milliseconds(time.unixMs)));
}

}  // namespace

std::string journalLine(LogFormat format, Instant time, LogLevel level, std::string_view message,
                        std::initializer_list<Fact> facts) {
  std::string_view levelName = kLogLevels[static_cast<std::size_t>(level)];
  std::string line;
  if (format == LogFormat::json) {
    line = std::format("{{\"time\":\"{}\",\"level\":\"{}\",\"msg\":{}", rfc3339(time), levelName, inQuotes(message));
    for (const Fact& fact : facts) line += std::format(",\"{}\":{}", fact.name, inQuotes(fact.value));
    return line + "}\n";
  }
  line = std::format("time={} level={} msg={}", rfc3339(time), levelName, inQuotes(message));
  for (const Fact& fact : facts) {
    line += std::format(" {}={}", fact.name, isPlain(fact.value) ? fact.value : inQuotes(fact.value));
  }
  return line + "\n";
}

Journal::Journal(const Clock& clock, const LogOptions& options, Sink& sink)
    : clock_(clock), options_(options), sink_(sink) {
  kj::_::Debug::setLogLevel(severityOf(options.level));
}

void Journal::tell(LogLevel level, std::string_view message, std::initializer_list<Fact> facts) const {
  if (level < options_.level) return;
  sink_(journalLine(options_.format, clock_.now(), level, message, facts));
}

void Journal::logMessage(kj::LogSeverity severity, const char* file, int line, int, kj::String&& text) {
  tell(levelOf(severity), text.cStr(), {{"at", std::format("{}:{}", file, line)}});
}

kj::Function<void(kj::Function<void()>)> Journal::getThreadInitializer() {
  return [&clock = clock_, options = options_, &sink = sink_](kj::Function<void()> work) {
    Journal journal(clock, options, sink);
    work();
  };
}

void writeToStandardError(std::string_view line) {
  // One call a line, so that lines of several threads do not run into each other. What cannot be written is lost.
  [[maybe_unused]] auto written = ::write(STDERR_FILENO, line.data(), line.size());
}

}  // namespace qpq::server
