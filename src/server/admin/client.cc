#include "server/admin/client.h"

#include <sys/socket.h>
#include <unistd.h>

#include <charconv>

#include "server/admin/address.h"

namespace qpq::server {

namespace {

struct Socket {
  int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  Socket() = default;
  Socket(const Socket&) = delete;
  Socket& operator=(const Socket&) = delete;
  ~Socket() {
    if (fd >= 0) ::close(fd);
  }
};

bool writeAll(int fd, std::string_view text) {
  while (!text.empty()) {
    ssize_t put = ::send(fd, text.data(), text.size(), MSG_NOSIGNAL);
    if (put <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(put));
  }
  return true;
}

std::string readAll(int fd) {
  std::string text;
  char piece[4096];
  for (ssize_t got; (got = ::read(fd, piece, sizeof(piece))) > 0;) text.append(piece, static_cast<std::size_t>(got));
  return text;
}

// The last line is "exit CODE"; an answer without it was cut short.
AdminOutcome outcomeOf(std::string text) {
  auto at = text.rfind("exit ");
  bool isWhole = at != std::string::npos && text.ends_with('\n') && (at == 0 || text[at - 1] == '\n');
  int code = 1;
  if (isWhole) std::from_chars(text.data() + at + 5, text.data() + text.size(), code);
  if (!isWhole) return {1, text + "the server went away before it had answered\n"};
  text.resize(at);
  return {code, std::move(text)};
}

}  // namespace

std::optional<AdminOutcome> askServer(const std::string& dataDir, std::string_view request) {
  AdminAddress address(dataDir);
  Socket socket;
  if (!address.isThere() || socket.fd < 0) return std::nullopt;
  if (::connect(socket.fd, address.get(), AdminAddress::size()) != 0) return std::nullopt;
  if (!writeAll(socket.fd, std::string(request) + "\n")) return outcomeOf("");
  return outcomeOf(readAll(socket.fd));
}

}  // namespace qpq::server
