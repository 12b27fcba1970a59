#include "server/observe/service_manager.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cstdlib>
#include <cstring>
#include <string>

using namespace qpq::server;

TEST_CASE("systemd is told at the socket it names, and nobody without one") {
  // Below the 107 bytes an address may have, wherever the tests run; abstract, so nothing is left.
  std::string name = "@qpq-notify-" + std::to_string(::getpid());
  int fd = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  REQUIRE(fd >= 0);
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path + 1, name.data() + 1, name.size() - 1);
  auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
  REQUIRE(::bind(fd, reinterpret_cast<sockaddr*>(&address), size) == 0);

  ::unsetenv("NOTIFY_SOCKET");
  tellServiceManager("READY=1");
  char heard[64];
  CHECK(::recv(fd, heard, sizeof(heard), 0) < 0);
  ::setenv("NOTIFY_SOCKET", name.c_str(), 1);
  tellServiceManager("READY=1");
  ::unsetenv("NOTIFY_SOCKET");
  CHECK(::recv(fd, heard, sizeof(heard), 0) == 7);
  CHECK(std::string_view(heard, 7) == "READY=1");
  ::close(fd);
}
