#pragma once

#include <signal.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "child_process.h"
#include "quic/address.h"

namespace qpq::bench {

// The qpq-server that lies beside this program, in a process of its own on a loopback port. It takes the weak password
// protection, so that registering many accounts costs no minutes; nothing else differs from the product.
//
// It ends with this object, and with this program however that ends.
class ServerProcess {
 public:
  struct Options {
    uint32_t loops = 1;
    uint16_t port = 0;                   // 0: a free one
    std::optional<uint32_t> core{};      // all its threads run there alone
    std::vector<std::string> further{};  // of the command line
  };

  // The store is made in `dataFolder`, if there is none. Throws a kj::Exception that holds what the server said when it
  // does not start.
  explicit ServerProcess(const std::filesystem::path& dataFolder): ServerProcess(dataFolder, Options()) {}
  ServerProcess(const std::filesystem::path& dataFolder, const Options& options);

  // SIGKILL, and gone when this returns: what it had not made durable is lost. Nothing below may be asked of it then.
  void kill() { process_->end(SIGKILL); }
  void signal(int number) const { ::kill(pid(), number); }
  pid_t pid() const { return process_->pid(); }

  const quic::SocketAddress& address() const { return address_; }
  double cpuUs() const { return process_->cpuUs(); }
  double residentKiB() const { return process_->residentKiB(); }

 private:
  std::optional<ChildProcess> process_;
  quic::SocketAddress address_;
};

}  // namespace qpq::bench
