#include "client/profile/folder.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/try.h"

namespace qpq::client::profile {

namespace {

// A file descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number): number_(number) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (number_ >= 0) ::close(number_);
  }
  int get() const { return number_; }
  int release() { return std::exchange(number_, -1); }

 private:
  int number_;
};

std::unexpected<Error> systemFailure(const std::string& doing, const std::string& path) {
  return std::unexpected(Error{ErrorCode::profileCorrupt, "Cannot " + doing + " " + path + ": " + std::strerror(errno),
                               "Check the rights of the profile folder and the space on its disk."});
}

Result<void> makeFolders(const std::string& path) {
  for (std::size_t end = path.find('/', 1);; end = path.find('/', end + 1)) {
    std::string part = path.substr(0, end);
    if (::mkdir(part.c_str(), 0700) != 0 && errno != EEXIST) return systemFailure("make the folder", part);
    if (end == std::string::npos) return {};
  }
}

Result<void> writeAll(int file, ByteView content, const std::string& path) {
  while (!content.empty()) {
    ssize_t written = ::write(file, content.data(), content.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return systemFailure("write", path);
    content = content.subspan(static_cast<std::size_t>(written));
  }
  if (::fsync(file) != 0) return systemFailure("write", path);
  return {};
}

}  // namespace

Result<Folder> Folder::open(const std::string& path) {
  std::string clean = path;
  while (clean.size() > 1 && clean.back() == '/') clean.pop_back();
  TRY(makeFolders(clean));
  // A folder that others could read or write before is ours alone from here on.
  if (::chmod(clean.c_str(), 0700) != 0) return systemFailure("use the folder", clean);
  std::string lockPath = clean + "/lock";
  Descriptor lock(::open(lockPath.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
  if (lock.get() < 0) return systemFailure("open", lockPath);
  if (::flock(lock.get(), LOCK_EX | LOCK_NB) != 0) {
    if (errno != EWOULDBLOCK) return systemFailure("lock", lockPath);
    return std::unexpected(Error{ErrorCode::profileLocked, "Another qpq is using this profile.",
                                 "Close it, or choose another profile folder."});
  }
  return Folder(std::move(clean), lock.release());
}

Folder::Folder(Folder&& other) noexcept: path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)) {}

Folder::~Folder() {
  if (lock_ >= 0) ::close(lock_);
}

bool Folder::holds(const std::string& path) const { return ::access(path.c_str(), F_OK) == 0; }

Result<std::optional<Bytes>> Folder::read(const std::string& path, std::size_t sizeMax) const {
  Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
  if (file.get() < 0 && errno == ENOENT) return std::optional<Bytes>();
  if (file.get() < 0) return systemFailure("read", path);
  Bytes content(sizeMax + 1);
  std::size_t size = 0;
  while (size < content.size()) {
    ssize_t got = ::read(file.get(), content.data() + size, content.size() - size);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return systemFailure("read", path);
    if (got == 0) break;
    size += static_cast<std::size_t>(got);
  }
  if (size > sizeMax) {
    return std::unexpected(Error{ErrorCode::profileCorrupt, path + " is not what qpq has written there.", {}});
  }
  content.resize(size);
  return content;
}

Result<void> Folder::replace(const std::string& path, ByteView content) const {
  std::string beside = path + ".new";
  {
    Descriptor file(::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600));
    if (file.get() < 0) return systemFailure("write", beside);
    TRY(writeAll(file.get(), content, beside));
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) return systemFailure("write", path);
  // The rename itself must survive a power cut.
  Descriptor folder(::open(path_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return systemFailure("write", path_);
  return {};
}

}  // namespace qpq::client::profile
