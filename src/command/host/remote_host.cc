#include "command/host/remote_host.h"

#include <kj/debug.h>

namespace qpq::command {

namespace {

Failure ownerGone() {
  return {Exit::store, "owner-gone", "the process that owned the profile went away", "run the command again"};
}

}  // namespace

RemoteHost::RemoteHost(kj::Own<kj::AsyncIoStream> stream)
    : stream_(kj::mv(stream)), reader_(*stream_), writer_(*stream_), gone_(read().fork()), tasks_(*this) {}

RemoteHost::~RemoteHost() noexcept(false) = default;

kj::Promise<void> RemoteHost::read() {
  try {
    for (;;) {
      auto line = co_await reader_.next();
      if (!line) break;
      auto message = fromJson(*line);
      if (!message) break;
      received(*message);
    }
  } catch (const kj::Exception&) {
    // The stream broke: the same as its end.
  }
  for (auto& [id, waiting] : waiting_) waiting->fulfill(std::unexpected(ownerGone()));
  waiting_.clear();
}

void RemoteHost::received(const Value& message) {
  if (message.textAt("method") == "event") {
    const Value* event = message.find("params");
    if (event == nullptr) return;
    for (auto& [id, listener] : listeners_) listener(*event);
    return;
  }
  auto found = waiting_.find(message.numberAt("id"));
  if (found == waiting_.end()) return;
  auto fulfiller = kj::mv(found->second);
  waiting_.erase(found);
  if (const Value* error = message.find("error")) {
    const Value* data = error->find("data");
    fulfiller->fulfill(std::unexpected(failureFrom(data != nullptr ? *data : *error)));
  } else {
    const Value* result = message.find("result");
    fulfiller->fulfill(result != nullptr ? *result : Value());
  }
}

kj::Promise<Outcome<Value>> RemoteHost::call(std::string method, Value parameters) {
  int64_t id = nextId_++;
  auto paired = kj::newPromiseAndFulfiller<Outcome<Value>>();
  waiting_.emplace(id, kj::mv(paired.fulfiller));
  Value request = Value::object({{"jsonrpc", "2.0"}, {"id", id}, {"method", kj::mv(method)}});
  if (!parameters.isNull()) request.set("params", kj::mv(parameters));
  tasks_.add(writer_.write(toJson(request)));
  return kj::mv(paired.promise);
}

kj::Own<void> RemoteHost::listen(kj::Function<void(const Value& event)> listener) {
  int64_t id = nextListener_++;
  listeners_.emplace(id, kj::mv(listener));
  tasks_.add(call("subscribe", {}).ignoreResult());
  return kj::heap(kj::defer([this, id]() { listeners_.erase(id); }));
}

void RemoteHost::taskFailed(kj::Exception&&) {
  // A write that fails means the owner is gone, which read() notices and answers.
}

}  // namespace qpq::command
