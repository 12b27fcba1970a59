#include "client/engine/outcomes.h"

#include <kj/debug.h>

#include <utility>

#include "client/engine/people.h"

namespace qpq::client {

void Outcomes::disconnected() {
  online_ = nullptr;
  naming_.cancel(KJ_EXCEPTION(DISCONNECTED, "the connection to the server has ended"));
}

void Outcomes::take(const core::Outcome& outcome) {
  untold_.insert(untold_.end(), outcome.events.begin(), outcome.events.end());
  for (const core::Settled& settled : outcome.settled) listeners_.settle(settled);
  if (untold_.empty() || telling_) return;
  telling_ = true;
  tasks_.add(tellAll());
}

// In the order they became durable.
kj::Promise<void> Outcomes::tellAll() {
  while (!untold_.empty()) {
    std::vector<Event> events = std::exchange(untold_, {});
    KJ_IF_MAYBE (online, online_) {
      auto held = kj::addRef(*online);
      // A connection that ends in between leaves a number where a name would be, and loses nothing.
      co_await naming_.wrap(learnNames(core_, *held).ignoreResult()).catch_([](kj::Exception&&) {});
    }
    auto named = co_await core_.ask([events](core::Core& c) { return c.named(events); });
    for (const Event& event : named ? *named : events) listeners_.tell(event);
  }
  telling_ = false;
  for (auto& waiter : std::exchange(waiting_, {})) waiter->fulfill();
}

kj::Promise<void> Outcomes::told() {
  if (!telling_) return kj::READY_NOW;
  auto paired = kj::newPromiseAndFulfiller<void>();
  waiting_.push_back(kj::mv(paired.fulfiller));
  return kj::mv(paired.promise);
}

void Outcomes::taskFailed(kj::Exception&& exception) {
  KJ_LOG(ERROR, "what became durable could not be told", exception);
}

}  // namespace qpq::client
