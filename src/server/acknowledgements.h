#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <map>
#include <utility>
#include <vector>

#include "server/retention.h"
#include "server/writer.h"

namespace qpq::server {

// Acknowledgements on their way to the store: merged, and written together a little later, since losing one costs a
// second reading and nothing else. What they free is pruned right after.
class Acknowledgements final: private kj::TaskSet::ErrorHandler {
 public:
  Acknowledgements(StoreWriter& writer, kj::Timer& timer): writer_(writer), timer_(timer), tasks_(*this) {}
  KJ_DISALLOW_COPY_AND_MOVE(Acknowledgements);

  void add(const wire::RosterEntry& device, const LogId& log, uint64_t seq);
  // Waiting to be written: of kAcknowledgementsWaitingMax.
  std::size_t waiting() const { return waiting_.size(); }
  // Writes what waits and prunes what that frees; resolves when it is done or has failed.
  kj::Promise<void> flush();

 private:
  std::vector<Acknowledgement> take();
  kj::Promise<void> pruneAll(std::vector<store::LogKey> logs);
  void taskFailed(kj::Exception&& exception) override;

  StoreWriter& writer_;
  kj::Timer& timer_;
  std::map<std::pair<LogId, wire::RosterEntry>, uint64_t> waiting_;
  bool scheduled_ = false;
  kj::TaskSet tasks_;
};

}  // namespace qpq::server
