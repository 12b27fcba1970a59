#pragma once

#include <sys/types.h>

#include <filesystem>

#include "quic/address.h"

namespace qpq::bench {

// The qpq-server that lies beside this program, in a process of its own on a free loopback port. It takes the weak
// password protection, so that registering many accounts costs no minutes; nothing else differs from the product.
//
// It ends with this object, and with this program however that ends.
class ServerProcess {
 public:
  // The store is made in `dataFolder`. Throws a kj::Exception that holds what the server said when it does not start.
  explicit ServerProcess(const std::filesystem::path& dataFolder);
  ServerProcess(const ServerProcess&) = delete;
  ServerProcess& operator=(const ServerProcess&) = delete;
  ~ServerProcess();

  const quic::SocketAddress& address() const { return address_; }
  double cpuUs() const;        // user and system time so far, of all its threads
  double residentKiB() const;  // what it occupies in memory

 private:
  pid_t pid_;
  quic::SocketAddress address_;
};

}  // namespace qpq::bench
