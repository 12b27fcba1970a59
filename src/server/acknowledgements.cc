#include "server/acknowledgements.h"

#include <kj/debug.h>

#include <algorithm>

#include "server/limits.h"

namespace qpq::server {

void Acknowledgements::add(const wire::RosterEntry& device, const LogId& log, uint64_t seq) {
  if (waiting_.size() >= kAcknowledgementsWaitingMax) return;
  uint64_t& newest = waiting_[{log, device}];
  newest = std::max(newest, seq);
  if (scheduled_) return;
  scheduled_ = true;
  tasks_.add(timer_.afterDelay(kAcknowledgeDelayMs * kj::MILLISECONDS).then([this]() {
    scheduled_ = false;
    return flush();
  }));
}

std::vector<Acknowledgement> Acknowledgements::take() {
  std::vector<Acknowledgement> taken;
  while (!waiting_.empty() && taken.size() < kAcknowledgementsPerWriteMax) {
    auto first = waiting_.begin();
    taken.push_back({first->first.second, first->first.first, first->second});
    waiting_.erase(first);
  }
  return taken;
}

kj::Promise<void> Acknowledgements::flush() {
  while (!waiting_.empty()) {
    auto changed = co_await writer_.run([places = take()](Write& write) { return acknowledge(write, places); });
    // Lost is lost: the devices acknowledge again with what they read next.
    if (!changed) co_return;
    co_await pruneAll(*std::move(changed));
  }
}

kj::Promise<void> Acknowledgements::pruneAll(std::vector<store::LogKey> logs) {
  for (store::LogKey log : logs) {
    for (bool goesOn = true; goesOn;) {
      auto pruned = co_await writer_.run([log](Write& write) { return prune(write, log); });
      goesOn = pruned && *pruned == Pruning::goesOn;
    }
  }
}

void Acknowledgements::taskFailed(kj::Exception&& exception) {
  KJ_LOG(ERROR, "acknowledgements were not written", exception);
}

}  // namespace qpq::server
