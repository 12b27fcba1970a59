#pragma once

#include <kj/async.h>
#include <kj/refcount.h>

#include <map>
#include <set>
#include <vector>

#include "client/engine/acknowledger.h"
#include "client/engine/online.h"
#include "client/engine/outcomes.h"
#include "loop/turns.h"

namespace qpq::client {

// Entries in both directions while a connection lives: the index read, the logs followed, the outbox emptied, what has
// been stored acknowledged. One per connection; dropping it stops everything at once, and the core knows what is left
// to do. Whatever is awaited on it then ends as if the connection had.
class Delivery final: private kj::TaskSet::ErrorHandler {
 public:
  Delivery(const World& world, CoreSeat& core, kj::Own<Online> online, Outcomes& outcomes);
  ~Delivery() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(Delivery);

  // Resolves when the index has been read and the logs are followed; the outbox is then on its way.
  Promise<void> begin();
  // Resolves with what has failed and only a new connection mends; rejects if that was the peer.
  Promise<void> whenFailed() { return whenFailed_.addBranch(); }

  // Everything the server holds at this moment is received.
  Promise<void> catchUp();
  // There may be something to send.
  void stirOutbox();
  // What is stored and not yet acknowledged, at once.
  kj::Promise<void> acknowledge() { return canceler_.wrap(acknowledger_.flush()); }
  Online& online() { return *online_; }

 private:
  struct Bridge;
  class SinkServer;

  Promise<void> refillLater();
  Promise<void> readIndex();
  Promise<void> readOn(core::Place place);
  Promise<void> catchUpAll();
  // How far its log is stored behind it; nothing if the page was refused.
  Promise<std::optional<core::Place>> receive(core::Page page);
  kj::Promise<void> follow(std::vector<core::Place> places);

  Promise<void> emptyOutbox();
  Promise<void> emptyLog(LogId log);
  enum class Sent { stored, overtaken };
  Promise<Sent> append(core::Outgoing entry);
  Promise<void> refused(const core::Outgoing& entry, core::Refusal refusal, std::string what);
  // Whether the call may name it: what is too large for the call is brought first.
  Promise<bool> bring(const core::Outgoing& entry, const Bytes& bytes);
  kj::Promise<void> stirAt(Instant due);
  void followMore(const core::Outcome& outcome);

  void mustSucceed(Promise<void> work);
  void fail(const Error& error) { failed_->fulfill(std::unexpected(error)); }
  void taskFailed(kj::Exception&& exception) override;

  const World& world_;
  CoreSeat& core_;
  kj::Own<Online> online_;
  Outcomes& outcomes_;
  Acknowledger acknowledger_;
  kj::Own<Bridge> bridge_;
  schema::Sink::Client sink_;
  kj::Maybe<schema::Following::Client> following_;

  loop::Turns<LogId>
      receiving_;  // a page that waits for its bytes holds up what comes after it in its log, nothing else
  loop::Turns<uint8_t> completing_;  // one page at a time, since all of its bytes are in memory at once

  bool outboxRuns_ = false;
  bool outboxStirred_ = false;

  kj::Own<kj::PromiseFulfiller<Result<void>>> failed_;
  kj::ForkedPromise<Result<void>> whenFailed_;
  kj::TaskSet tasks_;
  kj::Canceler canceler_;
};

}  // namespace qpq::client
