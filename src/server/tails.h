#pragma once

#include <kj/async.h>

#include <map>
#include <memory>
#include <utility>

#include "server/logs.h"

namespace qpq::server {

// The newest entries of a log, read and signed once for all who wait for them at the same place. A message to a
// thousand followers costs one reading, not a thousand.
class Tails final: private kj::TaskSet::ErrorHandler {
 public:
  explicit Tails(Logs& logs): logs_(logs), ends_(*this) {}
  KJ_DISALLOW_COPY_AND_MOVE(Tails);

  // As readTail() says. Nothing, too, where the store cannot be read: whoever reads for itself will hear of that.
  kj::Promise<std::shared_ptr<const Page>> read(const LogId& log, uint64_t after);
  // The log has grown: who asks from here on is to see it.
  void forget(const LogId& log);

 private:
  struct Reading {
    uint64_t number;
    kj::ForkedPromise<std::shared_ptr<const Page>> page;
  };
  using Key = std::pair<LogId, uint64_t>;
  void end(const Key& key, uint64_t number);
  void taskFailed(kj::Exception&& exception) override;

  Logs& logs_;
  uint64_t begun_ = 0;
  std::map<Key, Reading> underWay_;
  kj::TaskSet ends_;
};

}  // namespace qpq::server
