#include "server/store/sqlite/store_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace qpq::server::store::sqlite {

std::expected<StoreLock, std::string> StoreLock::take(const std::string& path) {
  std::string name = path + ".lock";
  int fd = ::open(name.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (fd < 0) return std::unexpected(name + ": " + std::strerror(errno));
  StoreLock lock(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) == 0) return lock;
  if (errno == EWOULDBLOCK) return std::unexpected(path + " is in use by another qpq-server");
  return std::unexpected(name + ": " + std::strerror(errno));
}

StoreLock::StoreLock(StoreLock&& other) noexcept: fd_(std::exchange(other.fd_, -1)) {}

StoreLock::~StoreLock() {
  if (fd_ >= 0) ::close(fd_);
}

}  // namespace qpq::server::store::sqlite
