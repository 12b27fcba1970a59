// qpq: the client in a terminal. What can be said to it is the command table (src/command/table.h); exit codes are
// src/command/failure.h's.
#include <kj/async-io.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <string_view>

#include "command/terminal/standard_input.h"
#include "program.h"

namespace {

// Nothing of this process's memory reaches a core file or another process of the same user.
void guardMemory() {
  ::prctl(PR_SET_DUMPABLE, 0);
  rlimit none{0, 0};
  ::setrlimit(RLIMIT_CORE, &none);
}

int run(qpq::command::Invocation invocation) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  // For a loop that always has something to do; see quic/endpoint.h.
  io.waitScope.setBusyPollInterval(1 << 14);
  qpq::Program program(io, kj::mv(invocation));
  return static_cast<int>(program.run().wait(io.waitScope));
}

}  // namespace

int main(int argc, char** argv) {
  using namespace qpq::command;
  ::umask(0077);
  guardMemory();
  auto invocation = parseCommandLine(argc, argv);
  if (!invocation) {
    bool json = std::any_of(argv, argv + argc, [](const char* word) { return std::string_view(word) == "--json"; });
    if (json) writeAll(STDOUT_FILENO, toJson(Value::object({{"error", toValue(invocation.error())}})) + "\n");
    writeAll(STDERR_FILENO, "error: " + invocation.error().what + "\nhint: " + invocation.error().hint + "\n");
    return static_cast<int>(invocation.error().exit);
  }
  if (auto* shown = std::get_if<ask::Shown>(&invocation->ask)) {
    writeAll(STDOUT_FILENO, shown->text);
    return 0;
  }
  try {
    return run(kj::mv(*invocation));
  } catch (const kj::Exception& exception) {
    writeAll(STDERR_FILENO, std::string("error: ") + exception.getDescription().cStr() + "\n");
    return static_cast<int>(Exit::unexpected);
  }
}
