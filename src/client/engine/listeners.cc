#include "client/engine/listeners.h"

namespace qpq::client {

kj::Own<void> Listeners::listen(kj::Function<void(const Event&)> listener) {
  uint64_t number = next_++;
  listeners_.emplace(number, kj::mv(listener));
  return kj::heap(kj::defer([this, number]() { listeners_.erase(number); }));
}

void Listeners::tell(const Event& event) {
  // A listener may end itself or another while it is told: walk by number.
  for (auto it = listeners_.begin(); it != listeners_.end();) {
    uint64_t number = it->first;
    it->second(event);
    it = listeners_.upper_bound(number);
  }
}

kj::Promise<core::Settled> Listeners::whenSettled(EntryId id) {
  for (const core::Settled& settled : recent_) {
    if (settled.id == id) return core::Settled(settled);
  }
  auto paired = kj::newPromiseAndFulfiller<core::Settled>();
  waiting_.emplace(id, kj::mv(paired.fulfiller));
  return kj::mv(paired.promise);
}

void Listeners::settle(const core::Settled& settled) {
  recent_.push_back(settled);
  if (recent_.size() > kRecentMax) recent_.pop_front();
  auto [first, last] = waiting_.equal_range(settled.id);
  for (auto it = first; it != last; ++it) it->second->fulfill(core::Settled(settled));
  waiting_.erase(first, last);
}

}  // namespace qpq::client
