#pragma once

#include "client/client.h"
#include "command/host/host.h"

namespace qpq::command {

// Commands on an engine in this process.
class LocalHost final: public Host {
 public:
  explicit LocalHost(client::Client& client): client_(client) {}

  kj::Promise<Outcome<Value>> call(std::string method, Value parameters) override;
  kj::Own<void> listen(kj::Function<void(const Value& event)> listener) override;
  kj::Promise<void> whenGone() override { return kj::NEVER_DONE; }

 private:
  client::Client& client_;
};

}  // namespace qpq::command
