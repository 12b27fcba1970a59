#include "client/engine/delivery.h"

#include <kj/debug.h>

#include <utility>

#include "client/engine/bulk.h"
#include "client/engine/failures.h"
#include "client/engine/limits.h"
#include "client/engine/pages.h"
#include "client/engine/people.h"
#include "client/engine/refill.h"
#include "crypto/hash.h"
#include "loop/co_try.h"
#include "schema/data.h"
#include "wire/limits.h"

namespace qpq::client {

using schema::bytesOf;
using schema::dataOf;

namespace {

void setPlaces(capnp::List<schema::Place>::Builder out, const std::vector<core::Place>& places) {
  for (kj::uint i = 0; i < out.size(); ++i) {
    out[i].setLog(dataOf(places[i].log.view()));
    out[i].setSeq(places[i].seq);
  }
}

void setUploaded(schema::Uploaded::Builder out, const Bytes& bytes) {
  crypto::Hash32 hash = crypto::sha256(bytes);
  out.setHash(dataOf(hash));
  out.setLength(bytes.size());
}

}  // namespace

// Between the capability the server holds, which may outlive us, and us.
struct Delivery::Bridge final: public kj::Refcounted {
  kj::Maybe<Delivery&> delivery;

  Delivery& reach() { return KJ_ASSERT_NONNULL(delivery, "not following any more"); }
};

// What the server pushes into. A push is answered when it is stored, which is what holds a fast server back.
class Delivery::SinkServer final: public schema::Sink::Server {
 public:
  explicit SinkServer(kj::Own<Bridge> bridge): bridge_(kj::mv(bridge)) {}

  kj::Promise<void> entries(EntriesContext context) override {
    Delivery& delivery = bridge_->reach();
    auto page = pageOf(context.getParams().getPage());
    KJ_REQUIRE(page.has_value(), "a page names its log");
    context.releaseParams();
    return delivery.canceler_.wrap(delivery.receive(kj::mv(*page)).then([this](auto&& received) {
      if (received) return;
      // The server pushes nothing more to who refused a page: only a new connection, from what is stored, goes on.
      KJ_IF_MAYBE (live, bridge_->delivery) live->fail(received.error());
      kj::throwFatalException(KJ_EXCEPTION(FAILED, received.error().what.c_str()));
    }));
  }
  kj::Promise<void> indexChanged(IndexChangedContext) override {
    bridge_->reach().mustSucceed(bridge_->reach().readIndex());
    return kj::READY_NOW;
  }
  // The core hears of a new list where it needs one: from the directory, and from the entry that rests on it.
  kj::Promise<void> devicesChanged(DevicesChangedContext) override { return kj::READY_NOW; }
  kj::Promise<void> closing(ClosingContext) override { return kj::READY_NOW; }

 private:
  kj::Own<Bridge> bridge_;
};

Delivery::Delivery(const World& world, CoreSeat& core, kj::Own<Online> online, Outcomes& outcomes)
    : world_(world),
      core_(core),
      online_(kj::mv(online)),
      outcomes_(outcomes),
      acknowledger_(world.timer, online_->logs),
      bridge_(kj::refcounted<Bridge>()),
      sink_(kj::heap<SinkServer>(kj::addRef(*bridge_))),
      whenFailed_([this]() {
        auto paired = kj::newPromiseAndFulfiller<Result<void>>();
        failed_ = kj::mv(paired.fulfiller);
        return paired.promise.fork();
      }()),
      tasks_(*this) {
  bridge_->delivery = *this;
  outcomes_.connected(*online_);
}

Delivery::~Delivery() noexcept(false) {
  bridge_->delivery = nullptr;
  outcomes_.disconnected();
  canceler_.cancel(KJ_EXCEPTION(DISCONNECTED, "the connection to the server has ended"));
}

void Delivery::taskFailed(kj::Exception&& exception) { failed_->reject(kj::mv(exception)); }

void Delivery::mustSucceed(Promise<void> work) {
  tasks_.add(work.then([this](Result<void> done) {
    if (!done) fail(done.error());
  }));
}

// ---- receiving

Promise<void> Delivery::begin() {
  Refilled refilled = CO_TRY(co_await refill(core_, *online_, outcomes_));
  CO_TRY(co_await readIndex());
  co_await follow(CO_TRY(co_await core_.ask([](core::Core& c) { return c.places(); })));
  if (refilled.waitsForOthers) mustSucceed(refillLater());
  stirOutbox();
  co_return Result<void>();
}

// Others are giving back what must come before what this device has.
Promise<void> Delivery::refillLater() {
  Refilled refilled{.waitsForOthers = true, .follow = {}};
  for (uint64_t waitMs = kRefillRetryMs; refilled.waitsForOthers; waitMs = std::min(2 * waitMs, kRefillRetryMsMax)) {
    co_await world_.timer.afterDelay(waitMs * kj::MILLISECONDS);
    refilled = CO_TRY(co_await refill(core_, *online_, outcomes_));
    co_await follow(kj::mv(refilled.follow));
    stirOutbox();
  }
  co_return Result<void>();
}

Promise<void> Delivery::readIndex() {
  bool more = true;
  while (more) {
    uint64_t since = CO_TRY(co_await core_.ask([](core::Core& c) { return c.indexChange(); }));
    auto request = online_->logs.indexRequest();
    request.setSince(since);
    auto response = co_await request.send();
    std::vector<core::IndexEntry> entries;
    for (auto entry : response.getEntries()) {
      auto parsed = indexEntryOf(entry);
      if (!parsed) co_return std::unexpected(failures::lyingServer("a log's id has not 16 bytes"));
      entries.push_back(kj::mv(*parsed));
    }
    uint64_t change = response.getChange();
    more = response.getMore() && change > since;
    followMore(CO_TRY(co_await outcomes_.ask(
        [change, entries = kj::mv(entries)](core::Core& c) { return c.noteIndex(change, entries); })));
  }
  co_return Result<void>();
}

Promise<std::optional<core::Place>> Delivery::receive(core::Page page) {
  std::size_t count = page.entries.size();
  auto turn = co_await receiving_.take(page.log);
  kj::Own<loop::Turns<uint8_t>::Turn> alone;
  if (isIncomplete(page)) {
    alone = co_await completing_.take(0);
    CO_TRY(co_await complete(world_, *online_, page));
  }
  auto asked = outcomes_.ask([page = kj::mv(page)](core::Core& c) {
    // Nothing but a start: what came before it has been pruned.
    if (page.entries.empty() && !page.start.empty()) return c.receivePruned(page.log, page.start);
    return c.receive(page);
  });
  turn = nullptr;  // the core takes things in the order in which it is asked
  auto outcome = CO_TRY(co_await kj::mv(asked));
  followMore(outcome);
  // Only what is stored is acknowledged: a page the core refused must not be deleted for it.
  if (outcome.stored) acknowledger_.stored(outcome.stored->log, outcome.stored->seq, count);
  stirOutbox();
  co_return outcome.stored;
}

// Reads one log to its end, without waiting for pushes.
Promise<void> Delivery::readOn(core::Place place) {
  for (;;) {
    auto request = online_->logs.readRequest();
    request.setLog(dataOf(place.log.view()));
    request.setAfter(place.seq);
    request.setEntriesMax(kReadEntriesMax);
    request.setBytesMax(kReadBytesMax);
    auto response = co_await request.send();
    auto outcome = response.getOutcome();
    if (outcome.isNotOnRoster()) co_return Result<void>();
    if (outcome.isMalformed()) co_return std::unexpected(failures::malformed(schema::stringOf(outcome.getMalformed())));
    core::Page page{.log = place.log, .start = {}, .entries = {}, .receipt = {}};
    if (outcome.isPruned()) {
      page.start = bytesOf(outcome.getPruned());
    } else {
      auto parsed = pageOf(outcome.getPage());
      if (!parsed || parsed->log != place.log)
        co_return std::unexpected(failures::lyingServer("it answered for another log"));
      if (parsed->entries.empty()) co_return Result<void>();
      page = kj::mv(*parsed);
    }
    auto stored = CO_TRY(co_await receive(kj::mv(page)));
    if (!stored || stored->seq <= place.seq) co_return Result<void>();  // asking again would not help
    place = *stored;
  }
}

Promise<void> Delivery::catchUp() { return canceler_.wrap(catchUpAll()); }

Promise<void> Delivery::catchUpAll() {
  CO_TRY(co_await readIndex());
  auto places = CO_TRY(co_await core_.ask([](core::Core& c) { return c.places(); }));
  for (core::Place& place : places) CO_TRY(co_await readOn(place));
  co_return co_await learnNames(core_, *online_);
}

kj::Promise<void> Delivery::follow(std::vector<core::Place> places) {
  for (std::size_t first = 0; first < places.size() || following_ == nullptr; first += kPlacesPerCallMax) {
    std::size_t end = std::min(places.size(), first + kPlacesPerCallMax);
    std::vector<core::Place> some(places.begin() + static_cast<std::ptrdiff_t>(std::min(first, end)),
                                  places.begin() + static_cast<std::ptrdiff_t>(end));
    KJ_IF_MAYBE (following, following_) {
      auto request = following->addRequest();
      setPlaces(request.initPlaces(static_cast<kj::uint>(some.size())), some);
      co_await request.send().ignoreResult();
    } else {
      auto request = online_->logs.followRequest();
      setPlaces(request.initPlaces(static_cast<kj::uint>(some.size())), some);
      request.setSink(sink_);
      following_ = request.send().getFollowing();
    }
  }
}

void Delivery::followMore(const core::Outcome& outcome) {
  if (!outcome.follow.empty()) tasks_.add(follow(outcome.follow));
}

// ---- sending

void Delivery::stirOutbox() {
  outboxStirred_ = true;
  if (outboxRuns_) return;
  outboxRuns_ = true;
  mustSucceed(emptyOutbox());
}

// One log after the other: within a log the order is what was wanted, between logs nobody waits for long.
Promise<void> Delivery::emptyOutbox() {
  while (outboxStirred_) {
    outboxStirred_ = false;
    auto logs = CO_TRY(co_await core_.ask([](core::Core& c) { return c.outgoingLogs(); }));
    for (const LogId& log : logs) CO_TRY(co_await emptyLog(log));
  }
  outboxRuns_ = false;
  auto due = co_await core_.ask([](core::Core& c) { return c.nextDue(); });
  if (due && *due) tasks_.add(stirAt(**due));
  co_return Result<void>();
}

kj::Promise<void> Delivery::stirAt(Instant due) {
  uint64_t now = world_.clock.now().unixMs;
  uint64_t waitMs = due.unixMs > now ? due.unixMs - now : 0;
  return world_.timer.afterDelay(waitMs * kj::MILLISECONDS).then([this]() { stirOutbox(); });
}

Promise<void> Delivery::emptyLog(LogId log) {
  for (;;) {
    auto next = CO_TRY(co_await outcomes_.ask([log](core::Core& c) { return c.nextOutgoing(log); }));
    if (!next.entry) co_return Result<void>();
    Sent sent = CO_TRY(co_await append(kj::mv(*next.entry)));
    if (sent == Sent::stored) continue;
    // Something stands in the log that this device has not read: read on, and the core builds anew.
    auto places = CO_TRY(co_await core_.ask([](core::Core& c) { return c.places(); }));
    core::Place place{.log = log, .seq = 0};
    for (const core::Place& known : places) {
      if (known.log == log) place = known;
    }
    CO_TRY(co_await readOn(place));
  }
}

Promise<void> Delivery::refused(const core::Outgoing& entry, core::Refusal refusal, std::string what) {
  CO_TRY(co_await outcomes_.ask([log = entry.log, id = entry.id, refusal, what = kj::mv(what)](core::Core& c) {
    return c.refused(log, id, refusal, what);
  }));
  co_return Result<void>();
}

Promise<bool> Delivery::bring(const core::Outgoing& entry, const Bytes& bytes) {
  if (bytes.size() <= wire::kInlineSizeMax) co_return true;
  auto problem = co_await bringForLog(world_, *online_, entry.log, bytes);
  if (!problem) co_return true;
  CO_TRY(co_await refused(entry, problem->refusal, kj::mv(problem->what)));
  co_return false;
}

Promise<Delivery::Sent> Delivery::append(core::Outgoing entry) {
  if (entry.createsLog) {
    auto create = online_->logs.createRequest();
    create.setLog(dataOf(entry.log.view()));
    auto created = co_await create.send();
    if (created.getOutcome().isLimit()) {
      co_return std::unexpected(failures::serverRefused("the server begins no more conversations for you today"));
    }
    if (!created.getOutcome().isCreated()) co_return std::unexpected(failures::malformed("create"));
  }
  if (!CO_TRY(co_await bring(entry, entry.envelope)) || !CO_TRY(co_await bring(entry, entry.welcome))) {
    co_return Sent::stored;
  }
  auto request = online_->logs.appendRequest();
  request.setLog(dataOf(entry.log.view()));
  if (entry.envelope.size() > wire::kInlineSizeMax) {
    setUploaded(request.initUploadedEnvelope(), entry.envelope);
  } else {
    request.setEnvelope(dataOf(entry.envelope));
  }
  if (entry.welcome.size() > wire::kInlineSizeMax) {
    setUploaded(request.initUploadedWelcome(), entry.welcome);
  } else {
    request.setWelcome(dataOf(entry.welcome));
  }
  request.setTokenHash(dataOf(entry.tokenHash));
  auto response = co_await request.send();
  auto outcome = response.getOutcome();
  switch (outcome.which()) {
    case schema::Append::RECEIPT: {
      CO_TRY(co_await outcomes_.ask([log = entry.log, id = entry.id, receipt = bytesOf(outcome.getReceipt())](
                                        core::Core& c) { return c.accepted(log, id, receipt); }));
      break;
    }
    case schema::Append::CONFLICT: co_return Sent::overtaken;
    case schema::Append::RATE: co_await world_.timer.afterDelay(outcome.getRate() * kj::MILLISECONDS); break;
    case schema::Append::UNKNOWN_DEVICE:
      CO_TRY(co_await refused(entry, core::Refusal::unknownDevice,
                              "a device to be added is no longer one of its account's"));
      break;
    case schema::Append::NOT_ON_ROSTER:
      CO_TRY(co_await refused(entry, core::Refusal::notOnRoster, "this device is not in the conversation any more"));
      break;
    case schema::Append::GONE:
      CO_TRY(co_await refused(entry, core::Refusal::gone, "the conversation goes on in another log"));
      break;
    case schema::Append::QUOTA:
      CO_TRY(co_await refused(entry, core::Refusal::quota, "the server keeps no more for you in this conversation"));
      break;
    case schema::Append::TOO_LARGE:
      CO_TRY(co_await refused(entry, core::Refusal::tooLarge,
                              "the server takes at most " + std::to_string(outcome.getTooLarge()) + " bytes"));
      break;
    case schema::Append::MALFORMED:
      CO_TRY(co_await refused(entry, core::Refusal::malformed, schema::stringOf(outcome.getMalformed())));
      break;
    case schema::Append::NOT_UPLOADED:
      // It was there a moment ago: it is brought again.
      co_await world_.timer.afterDelay(kBulkRetryMs * kj::MILLISECONDS);
      break;
  }
  co_return Sent::stored;
}

}  // namespace qpq::client
