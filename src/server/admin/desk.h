#pragma once

#include <kj/async.h>

#include <memory>
#include <string>
#include <string_view>

#include "loop/worker.h"
#include "server/admin/invite_desk.h"
#include "server/admin/outcome.h"
#include "server/admin/stored.h"
#include "server/loops.h"
#include "server/observe/journal.h"
#include "server/observe/readiness.h"

namespace qpq::server {

// What an operator may ask of a running server: "status text", "status json", "verify", "backup PATH", and of invites
// (invite_desk.h).
class AdminDesk {
 public:
  struct Server {
    Loops& loops;
    WriteQueue& writes;
    Readiness& readiness;
    const Journal& journal;
    std::string_view version;
    uint64_t startedMs;
  };
  // All outlive it. Verifying and copying are jobs of `worker`, over connections of their own to the store.
  AdminDesk(const Server& server, loop::Worker& worker, StorePlace store, const Secret<32>& databaseKey);

  kj::Promise<AdminOutcome> answer(std::string request);

 private:
  kj::Promise<AdminOutcome> status(std::string format);
  kj::Promise<AdminOutcome> verify();
  kj::Promise<AdminOutcome> backup(std::string path);
  template <class Job>
  kj::Promise<AdminOutcome> alone(std::string_view what, Job job);

  const Server server_;
  loop::Worker& worker_;
  const StorePlace store_;
  const std::shared_ptr<const Secret<32>> key_;
  InviteDesk invites_;
  bool isBusy_ = false;
};

}  // namespace qpq::server
