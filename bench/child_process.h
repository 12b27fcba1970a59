#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace qpq::bench {

// A program that runs beside this one. It ends with this object, and with this program however that ends.
class ChildProcess {
 public:
  struct Options {
    std::optional<uint32_t> core{};  // all its threads run there alone; nothing: on every core of the machine
    int output = -1;                 // its standard output; -1: where its errors go
  };
  // What it says of errors goes to the file `said`. Throws a kj::Exception if there is no such program.
  ChildProcess(std::vector<std::string> command, const std::filesystem::path& said, const Options& options);
  ChildProcess(const ChildProcess&) = delete;
  ChildProcess& operator=(const ChildProcess&) = delete;
  ~ChildProcess();

  // Signals and waits for the end. Nothing below may be asked of it then.
  void end(int signal);
  pid_t pid() const { return pid_; }
  double cpuUs() const;        // user and system time so far, of all its threads
  double residentKiB() const;  // what it occupies in memory
  std::string said() const;

 private:
  const std::filesystem::path said_;
  pid_t pid_;  // 0: ended
};

// Leaves the first core to servers: this thread and those it begins run on the second. Their core; nothing on a machine
// that has but one.
std::optional<uint32_t> keepApart();

}  // namespace qpq::bench
