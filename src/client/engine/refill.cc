#include "client/engine/refill.h"

#include <numeric>

#include "client/engine/failures.h"
#include "loop/co_try.h"
#include "schema/data.h"

namespace qpq::client {

using schema::bytesOf;
using schema::dataOf;

namespace {

auto requestOf(Online& online, const LogId& log, const core::Refill& refill) {
  auto request = online.logs.refillRequest();
  request.setLog(dataOf(log.view()));
  if (refill.partner) request.setPartner(dataOf(refill.partner->view()));
  request.setReceipt(dataOf(refill.receipt));
  auto entries = request.initEntries(static_cast<kj::uint>(refill.entries.size()));
  for (kj::uint i = 0; i < entries.size(); ++i) {
    const core::PageEntry& from = refill.entries[i];
    entries[i].setSeq(from.seq);
    entries[i].setKind(from.kind);
    entries[i].setId(dataOf(from.id));
    entries[i].setEnvelope(dataOf(from.envelope));
    entries[i].setWelcomeHash(dataOf(from.welcomeHash));
  }
  return request;
}

// wire::SignedHead of the newest place at which both this device and the server have been; `serverAt`, where the server
// is, if there is none. Up to some place they were one, and never again behind it.
Promise<Bytes> newestCommon(CoreSeat& core, Online& online, LogId log, Bytes serverAt) {
  Bytes common = serverAt;
  uint64_t known = 0;
  uint64_t unknown =
      1 + CO_TRY(co_await core.ask([log, serverAt](core::Core& c) { return c.bothReach(log, serverAt); }));
  while (unknown - known > 1) {
    uint64_t asked = std::midpoint(known, unknown);
    auto request = online.logs.headRequest();
    request.setLog(dataOf(log.view()));
    request.setAt(asked);
    auto answer = co_await request.send();
    std::optional<bool> was;
    Bytes head;
    if (answer.getOutcome().isHead()) {
      head = bytesOf(answer.getOutcome().getHead());
      was = CO_TRY(co_await core.ask([log, head](core::Core& c) { return c.wasAt(log, head); }));
    }
    // What one of the two has forgotten is older than any difference.
    (was.value_or(true) ? known : unknown) = asked;
    if (was.value_or(false)) common = kj::mv(head);
  }
  co_return common;
}

Promise<void> noteLost(CoreSeat& core, Online& online, Outcomes& outcomes, LogId log, Bytes serverAt, Refilled& done) {
  auto wasThere = CO_TRY(co_await core.ask([log, serverAt](core::Core& c) { return c.wasAt(log, serverAt); }));
  Bytes from = wasThere.value_or(false) ? serverAt : CO_TRY(co_await newestCommon(core, online, log, serverAt));
  auto outcome = CO_TRY(co_await outcomes.ask([log, from](core::Core& c) { return c.noteLost(log, from); }));
  done.follow.insert(done.follow.end(), outcome.follow.begin(), outcome.follow.end());
  co_return Result<void>();
}

// The log stays unconfirmed: nothing is sent to it, and all others go on.
void alarm(Outcomes& outcomes, const LogId& log, std::string what) {
  core::Outcome outcome;
  outcome.events.push_back(event::Alarm{log, kj::mv(what)});
  outcomes.take(outcome);
}

// Asks how far the server goes, gives one page from there, asks again.
Promise<void> refillLog(CoreSeat& core, Online& online, Outcomes& outcomes, LogId log, Refilled& done) {
  Bytes serverAt;
  for (;;) {
    auto next = CO_TRY(co_await core.ask([log, serverAt](core::Core& c) { return c.refill(log, serverAt); }));
    if (next.kind == core::Refill::Kind::lost) {
      co_return co_await noteLost(core, online, outcomes, log, kj::mv(serverAt), done);
    }
    if (next.kind == core::Refill::Kind::nothing) {
      done.waitsForOthers |= !serverAt.empty();
      if (!serverAt.empty()) co_return Result<void>();
      co_return co_await core.ask([log](core::Core& c) { return c.confirm(log); });
    }
    bool asksOnly = next.entries.empty();
    auto answer = co_await requestOf(online, log, next).send();
    auto outcome = answer.getOutcome();
    serverAt.clear();
    switch (outcome.which()) {
      case schema::Refill::COMPLETE:
        if (asksOnly) co_return co_await core.ask([log](core::Core& c) { return c.confirm(log); });
        break;
      case schema::Refill::BEGIN_AT:
        // To a page: somebody else was faster.
        if (asksOnly) serverAt = bytesOf(outcome.getBeginAt());
        break;
      case schema::Refill::DIFFERS:
        co_return co_await noteLost(core, online, outcomes, log, bytesOf(outcome.getDiffers()), done);
      case schema::Refill::UNPROVEN:
        alarm(outcomes, log, "The server does not know its own receipt for this conversation.");
        co_return Result<void>();
      case schema::Refill::MALFORMED:
        alarm(outcomes, log,
              "The server does not take back what it had of this conversation: " +
                  schema::stringOf(outcome.getMalformed()));
        co_return Result<void>();
    }
  }
}

}  // namespace

Promise<Refilled> refill(CoreSeat& core, Online& online, Outcomes& outcomes) {
  Refilled done;
  auto logs = CO_TRY(co_await core.ask([](core::Core& c) { return c.unconfirmed(); }));
  for (const LogId& log : logs) CO_TRY(co_await refillLog(core, online, outcomes, log, done));
  co_return done;
}

}  // namespace qpq::client
