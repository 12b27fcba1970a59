#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <map>

#include "base/ids.h"
#include "schema/log.capnp.h"

namespace qpq::client {

// Tells the server, lazily, up to where each log is stored here. A lost acknowledgement costs a second reading, never a
// message.
class Acknowledger final: private kj::TaskSet::ErrorHandler {
 public:
  Acknowledger(kj::Timer& timer, schema::Logs::Client logs): timer_(timer), logs_(kj::mv(logs)), tasks_(*this) {}
  KJ_DISALLOW_COPY_AND_MOVE(Acknowledger);

  // Everything up to `seq` is durable; `entries` of it are new.
  void stored(const LogId& log, uint64_t seq, std::size_t entries);
  kj::Promise<void> flush();

 private:
  void taskFailed(kj::Exception&& exception) override;

  kj::Timer& timer_;
  schema::Logs::Client logs_;
  std::map<LogId, uint64_t> places_;
  std::size_t entries_ = 0;
  bool waits_ = false;
  kj::TaskSet tasks_;
};

}  // namespace qpq::client
