#include "client/engine/refill.h"

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

Promise<void> noteLost(Outcomes& outcomes, LogId log, Bytes serverAt, Refilled& done) {
  auto outcome = CO_TRY(co_await outcomes.ask([log, serverAt](core::Core& c) { return c.noteLost(log, serverAt); }));
  done.follow.insert(done.follow.end(), outcome.follow.begin(), outcome.follow.end());
  co_return Result<void>();
}

// Asks how far the server goes, gives one page from there, asks again.
Promise<void> refillLog(CoreSeat& core, Online& online, Outcomes& outcomes, LogId log, Refilled& done) {
  Bytes serverAt;
  for (;;) {
    auto next = CO_TRY(co_await core.ask([log, serverAt](core::Core& c) { return c.refill(log, serverAt); }));
    if (next.kind == core::Refill::Kind::lost) co_return co_await noteLost(outcomes, log, kj::mv(serverAt), done);
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
      case schema::Refill::DIFFERS: co_return co_await noteLost(outcomes, log, bytesOf(outcome.getDiffers()), done);
      case schema::Refill::UNPROVEN:
        co_return std::unexpected(failures::lyingServer("it does not know its own receipt"));
      case schema::Refill::MALFORMED:
        co_return std::unexpected(failures::malformed(schema::stringOf(outcome.getMalformed())));
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
