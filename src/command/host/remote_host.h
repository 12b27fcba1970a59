#pragma once

#include <kj/async-io.h>

#include <cstdint>
#include <map>

#include "command/host/host.h"
#include "command/host/line_stream.h"

namespace qpq::command {

// Commands in the process that owns the profile, as JSON-RPC 2.0 over its socket, one object a line.
class RemoteHost final: public Host, private kj::TaskSet::ErrorHandler {
 public:
  explicit RemoteHost(kj::Own<kj::AsyncIoStream> stream);
  ~RemoteHost() noexcept(false) override;
  KJ_DISALLOW_COPY_AND_MOVE(RemoteHost);

  kj::Promise<Outcome<Value>> call(std::string method, Value parameters) override;
  kj::Own<void> listen(kj::Function<void(const Value& event)> listener) override;
  kj::Promise<void> whenGone() override { return gone_.addBranch(); }

 private:
  kj::Promise<void> read();
  void received(const Value& message);
  void taskFailed(kj::Exception&& exception) override;

  kj::Own<kj::AsyncIoStream> stream_;
  LineReader reader_;
  LineWriter writer_;
  int64_t nextId_ = 1;
  std::map<int64_t, kj::Own<kj::PromiseFulfiller<Outcome<Value>>>> waiting_;
  int64_t nextListener_ = 1;
  std::map<int64_t, kj::Function<void(const Value&)>> listeners_;
  kj::ForkedPromise<void> gone_;
  kj::TaskSet tasks_;
};

}  // namespace qpq::command
