#pragma once

#include <kj/async-io.h>
#include <kj/timer.h>

#include <string>

#include "server/admin/outcome.h"

namespace qpq::server {

// The operator's door to a running server: a socket in the data folder, for its owner and root alone. One line is a
// request; the answer is text whose last line is "exit CODE".
class AdminSocket final: private kj::TaskSet::ErrorHandler {
 public:
  using Answer = kj::Function<kj::Promise<AdminOutcome>(std::string request)>;

  // In this folder, in place of one that a dead server left. Throws a kj::Exception if it cannot be made, or if a
  // server answers there.
  AdminSocket(kj::LowLevelAsyncIoProvider& provider, kj::Timer& timer, std::string folder, Answer answer);
  ~AdminSocket() noexcept(false);  // removes it
  KJ_DISALLOW_COPY_AND_MOVE(AdminSocket);

 private:
  kj::Promise<void> acceptForEver();
  kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream);
  void taskFailed(kj::Exception&& exception) override;

  kj::Timer& timer_;
  const std::string folder_;
  Answer answer_;
  kj::Own<kj::ConnectionReceiver> receiver_;
  std::size_t open_ = 0;
  kj::TaskSet tasks_;
};

}  // namespace qpq::server
