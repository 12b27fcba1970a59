#include "server/observe/journal.h"

#include <kj/debug.h>
#include <kj/thread.h>

#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "loop/worker.h"
#include "support/json.h"

using namespace qpq;
using namespace qpq::server;

namespace {

constexpr Instant kNow{1'800'000'000'123};
struct StillClock final: public Clock {
  Instant now() const override { return kNow; }
};

struct Heard {
  StillClock clock;
  std::vector<std::string> lines;
  Journal::Sink sink = [this](std::string_view line) { lines.emplace_back(line); };
  ~Heard() { kj::_::Debug::setLogLevel(kj::LogSeverity::WARNING); }
};

}  // namespace

TEST_CASE("a line of the journal, in both formats") {
  CHECK(journalLine(LogFormat::logfmt, kNow, LogLevel::info, "listening", {{"address", "[::]:7000"}, {"why", "a b"}}) ==
        "time=2027-01-15T08:00:00.123Z level=info msg=\"listening\" address=[::]:7000 why=\"a b\"\n");
  CHECK(journalLine(LogFormat::json, kNow, LogLevel::warn, "listening", {{"address", "[::]:7000"}}) ==
        "{\"time\":\"2027-01-15T08:00:00.123Z\",\"level\":\"warn\",\"msg\":\"listening\",\"address\":\"[::]:7000\"}\n");
}

TEST_CASE("whatever is in a value, it stays one line that can be read back") {
  std::string nasty = "\" level=error\nmsg=\"x\" \\ \x1b[2J \x7f \t";
  auto json = journalLine(LogFormat::json, kNow, LogLevel::info, nasty, {{"fact", nasty}});
  CHECK(json.find('\n') == json.size() - 1);
  auto value = test::Json::parse(json);
  CHECK(value["msg"].string() == nasty);
  CHECK(value["fact"].string() == nasty);
  auto logfmt = journalLine(LogFormat::logfmt, kNow, LogLevel::info, nasty, {{"fact", nasty}, {"empty", ""}});
  CHECK(logfmt.find('\n') == logfmt.size() - 1);
  CHECK(!logfmt.contains('\x1b'));
  CHECK(logfmt.ends_with(" empty=\"\"\n"));
}

TEST_CASE("below the level nothing is told") {
  Heard heard;
  Journal journal(heard.clock, {.format = LogFormat::logfmt, .level = LogLevel::warn}, heard.sink);
  journal.tell(LogLevel::debug, "no");
  journal.tell(LogLevel::info, "no");
  journal.tell(LogLevel::warn, "yes");
  journal.tell(LogLevel::error, "yes");
  CHECK(heard.lines.size() == 2);
}

TEST_CASE("what code says with KJ_LOG goes the same way, with its place, from every thread") {
  Heard heard;
  Journal journal(heard.clock, {}, heard.sink);
  KJ_LOG(ERROR, "here");
  REQUIRE(heard.lines.size() == 1);
  CHECK(heard.lines[0].contains("level=error msg=\"here\""));
  CHECK(heard.lines[0].contains("journal_test.cc:"));
  {
    kj::Thread thread([]() { KJ_LOG(WARNING, "there"); });
  }
  REQUIRE(heard.lines.size() == 2);
  CHECK(heard.lines[1].contains("level=warn msg=\"there\""));
  {
    kj::EventLoop loop;
    kj::WaitScope scope(loop);
    loop::ThreadWorker worker;
    auto job = worker.run([]() { KJ_LOG(WARNING, "at work"); });
  }
  REQUIRE(heard.lines.size() == 3);
}

TEST_CASE("KJ's information is a developer's: it is told at debug only") {
  Heard heard;
  {
    Journal journal(heard.clock, {.format = LogFormat::logfmt, .level = LogLevel::info}, heard.sink);
    KJ_LOG(INFO, "secret");
    CHECK(heard.lines.empty());
  }
  Journal journal(heard.clock, {.format = LogFormat::logfmt, .level = LogLevel::debug}, heard.sink);
  KJ_LOG(INFO, "shown");
  REQUIRE(heard.lines.size() == 1);
  CHECK(heard.lines[0].contains("level=debug"));
}
