#include "peer.h"

#include <arpa/inet.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <thread>

#include "base/bytes.h"
#include "crypto/system_random.h"
#include "loop/system_clock.h"
#include "quic/self_signed.h"

namespace qpq::bench {

namespace {

sockaddr_in loopback(uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

sockaddr* generic(sockaddr_in& address) {
  return reinterpret_cast<sockaddr*>(&address);  // the sockets API's own polymorphism
}

kj::AutoCloseFd tcpSocket() {
  int fd;
  KJ_SYSCALL(fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  return kj::AutoCloseFd(fd);
}

}  // namespace

bool isInstalled(std::string_view program) {
  std::istringstream folders(std::getenv("PATH"));
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access((std::filesystem::path(folder) / program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

uint16_t freePort() {
  kj::AutoCloseFd fd = tcpSocket();
  sockaddr_in address = loopback(0);
  KJ_SYSCALL(::bind(fd, generic(address), sizeof(address)));
  socklen_t size = sizeof(address);
  KJ_SYSCALL(::getsockname(fd, generic(address), &size));
  return ntohs(address.sin_port);
}

void awaitListener(uint16_t port, const ChildProcess& process) {
  using namespace std::chrono_literals;
  for (int tries = 0; tries < 200; ++tries) {
    kj::AutoCloseFd fd = tcpSocket();
    sockaddr_in address = loopback(port);
    if (::connect(fd, generic(address), sizeof(address)) == 0) return;
    std::this_thread::sleep_for(50ms);
  }
  KJ_FAIL_REQUIRE("the peer does not listen", process.said().c_str());
}

void writeText(const std::filesystem::path& file, const std::string& text) {
  std::filesystem::create_directories(file.parent_path());
  std::ofstream(file) << text;
}

void writeCertificate(const std::filesystem::path& folder) {
  crypto::SystemRandom random;
  auto own = quic::makeSelfSigned(random, loop::SystemClock().now());
  writeText(folder / "cert.pem", std::string(asText(own.certificatePem)));
  writeText(folder / "key.pem", std::string(asText(own.keyPem.expose())));
}

}  // namespace qpq::bench
