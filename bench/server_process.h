#pragma once

#include <signal.h>
#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

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
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  // SIGKILL, and gone when this returns: what it had not made durable is lost. Nothing below may be asked of it then.
  void kill();
  void signal(int number) const { ::kill(pid_, number); }
  pid_t pid() const { return pid_; }

  const quic::SocketAddress& address() const { return address_; }
  double cpuUs() const;        // user and system time so far, of all its threads
  double residentKiB() const;  // what it occupies in memory

 private:
  pid_t pid_;  // 0: killed
  quic::SocketAddress address_;
};

// Has this thread, and those it begins, run on one core.
void runOn(uint32_t core);

}  // namespace qpq::bench
