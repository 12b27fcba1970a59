#pragma once

#include <kj/async.h>
#include <kj/timer.h>

#include <string>

#include "loop/worker.h"
#include "server/services.h"

namespace qpq::server {

// Whether a server should be given work: it is not going down, and its store takes writes. Asked by whoever balances or
// watches; one write a second at most comes of it.
class Readiness {
 public:
  // `folder` is the store's: whose disk must have room. The worker is asked about it.
  Readiness(Services& services, loop::Worker& worker, std::string folder);

  enum class Verdict { ready, storeFull, storeUnavailable, stopping };
  kj::Promise<Verdict> ask();
  void stopping() { stopping_ = true; }

 private:
  kj::Promise<Verdict> probe();

  Services& services_;
  loop::Worker& worker_;
  const std::string folder_;
  bool stopping_ = false;
  kj::TimePoint asked_ = kj::origin<kj::TimePoint>();
  kj::Maybe<kj::ForkedPromise<Verdict>> answer_;
};

const char* sentence(Readiness::Verdict verdict);

}  // namespace qpq::server
