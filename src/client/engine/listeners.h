#pragma once

#include <kj/async.h>
#include <kj/function.h>

#include <deque>
#include <map>

#include "client/core/delivery.h"
#include "client/view.h"

namespace qpq::client {

// Who is told what became durable: faces of events, commands of the decision on their own change.
class Listeners {
 public:
  kj::Own<void> listen(kj::Function<void(const Event&)> listener);
  void tell(const Event& event);

  // Resolves with the decision on this entry, also if it was among the last ones made: the answer that names an entry
  // and the news of its decision come from the same worker and may cross.
  kj::Promise<core::Settled> whenSettled(EntryId id);
  void settle(const core::Settled& settled);

 private:
  uint64_t next_ = 0;
  std::map<uint64_t, kj::Function<void(const Event&)>> listeners_;
  static constexpr std::size_t kRecentMax = 256;

  std::multimap<EntryId, kj::Own<kj::PromiseFulfiller<core::Settled>>> waiting_;
  std::deque<core::Settled> recent_;
};

}  // namespace qpq::client
