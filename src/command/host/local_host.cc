#include "command/host/local_host.h"

#include "command/commands/views.h"
#include "command/table.h"

namespace qpq::command {

kj::Promise<Outcome<Value>> LocalHost::call(std::string method, Value parameters) {
  const Command* command = findCommand(method);
  if (command == nullptr)
    return Outcome<Value>(std::unexpected(usageFailure("there is no command \"" + method + "\"")));
  auto arguments = Arguments::check(command->parameters, kj::mv(parameters));
  if (!arguments) return Outcome<Value>(std::unexpected(kj::mv(arguments).error()));
  return command->run(client_, kj::mv(*arguments));
}

kj::Own<void> LocalHost::listen(kj::Function<void(const Value& event)> listener) {
  return client_.listen(
      [listener = kj::mv(listener)](const client::Event& event) mutable { listener(toValue(event)); });
}

}  // namespace qpq::command
