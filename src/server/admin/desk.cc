#include "server/admin/desk.h"

#include <kj/debug.h>

#include <algorithm>
#include <format>
#include <vector>

#include "server/observe/quoted.h"

namespace qpq::server {

namespace {

std::string asJson(const std::vector<Fact>& facts) {
  std::string text = "{";
  for (const Fact& fact : facts) {
    text += std::format("{}\"{}\":{}", text.size() == 1 ? "" : ",", fact.name, inQuotes(fact.value));
  }
  return text + "}\n";
}

std::string asLines(const std::vector<Fact>& facts) {
  std::string text;
  for (const Fact& fact : facts) text += std::format("{:<12} {}\n", fact.name, fact.value);
  return text;
}

std::string age(uint64_t ms) {
  return std::format("{}d {:02}:{:02}:{:02}", ms / kDayMs, ms / kHourMs % 24, ms / kMinuteMs % 60, ms / kSecondMs % 60);
}

std::string share(const std::vector<Budget>& budgets, std::string_view name) {
  for (const Budget& budget : budgets) {
    if (budget.name == name) return std::format("{} of {}", budget.used, budget.max);
  }
  return "";
}

}  // namespace

AdminDesk::AdminDesk(const Server& server, loop::Worker& worker, StorePlace store, const Secret<32>& databaseKey)
    : server_(server),
      worker_(worker),
      store_(std::move(store)),
      key_(std::make_shared<const Secret<32>>(databaseKey.clone())),
      invites_(server.loops.first().services().invites, server.loops.first().services().auth.policy().registration,
               server.loops.first().services().clock) {}

kj::Promise<AdminOutcome> AdminDesk::answer(std::string request) {
  auto space = request.find(' ');
  std::string word = request.substr(0, space);
  std::string rest = space == std::string::npos ? "" : request.substr(space + 1);
  if (word == "status" && (rest == "text" || rest == "json")) return status(std::move(rest));
  if (word == "verify" && rest.empty()) return verify();
  if (word == "backup" && rest.starts_with('/')) return backup(std::move(rest));
  if (InviteDesk::knows(word)) return invites_.answer(std::move(word), std::move(rest));
  return AdminOutcome{2,
                      "there are: status text, status json, verify, backup PATH (from the root), invite USES DAYS, "
                      "invites text, invites json, revoke PREFIX\n"};
}

kj::Promise<AdminOutcome> AdminDesk::status(std::string format) {
  auto verdict = co_await server_.readiness.ask();
  const Services& services = server_.loops.first().services();
  LoopFigures figures = co_await server_.loops.figures();
  auto held = co_await server_.loops.first().services().bulk.total();
  uint64_t nowMs = std::max(services.clock.now().unixMs, server_.startedMs);  // a clock may be set back
  std::vector<Fact> facts{
      {"state", sentence(verdict)},
      {"version", std::string(server_.version)},
      {"up", age(nowMs - server_.startedMs)},
      {"address", server_.loops.first().address().text()},
      {"identity", toHex(services.keys.identity())},
      {"incarnation", toHex(services.keys.incarnation().view())},
      {"tls_key", toHex(server_.loops.first().tlsKey())},
      {"loops", std::format("{}", figures.loops)},
      {"connections", std::format("{} of {}", figures.quic.connections, quic::Limits().connectionsMax)},
      {"sessions", std::format("{}", figures.sessions)},
      {"followers", std::format("{}", figures.followers)},
      {"files", held ? std::format("{} of {} bytes", held->files, held->bytes) : "unknown"},
      {"write_queue", share(server_.writes.budgets(), "write_queue")},
  };
  co_return AdminOutcome{verdict == Readiness::Verdict::ready ? 0 : 1,
                         format == "json" ? asJson(facts) : asLines(facts)};
}

// One at a time: each reads the whole store.
template <class Job>
kj::Promise<AdminOutcome> AdminDesk::alone(std::string_view what, Job job) {
  if (isBusy_) co_return AdminOutcome{1, "the store is being verified or copied already\n"};
  isBusy_ = true;
  KJ_DEFER(isBusy_ = false);
  AdminOutcome outcome = co_await worker_.run(kj::mv(job));
  auto level = outcome.exit == 0 ? LogLevel::info : LogLevel::error;
  server_.journal.tell(level, what, {{"outcome", outcome.exit == 0 ? "done" : "failed"}});
  co_return outcome;
}

kj::Promise<AdminOutcome> AdminDesk::verify() {
  return alone("the store was verified",
               [store = store_, key = key_]() { return verifyStore(store, *key, Beside::server); });
}

kj::Promise<AdminOutcome> AdminDesk::backup(std::string path) {
  return alone("the store was copied",
               [from = store_, key = key_, to = std::move(path)]() { return backUp(from, *key, to); });
}

}  // namespace qpq::server
