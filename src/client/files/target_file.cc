#include "client/files/target_file.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/try.h"

namespace qpq::client::files {

namespace {

constexpr mode_t kMode = 0600;

std::unexpected<Error> exists(const std::string& path) {
  return std::unexpected(
      Error{ErrorCode::fileExists, path + " is there already.", "Say --force to replace it, or another place."});
}

struct Place {
  std::string folder;
  std::string name;
};

Place placeOf(const std::string& to, const std::string& name) {
  struct stat state{};
  if (::stat(to.c_str(), &state) == 0 && S_ISDIR(state.st_mode)) {
    return {to.size() > 1 && to.ends_with('/') ? to.substr(0, to.size() - 1) : to, name};
  }
  std::size_t slash = to.rfind('/');
  if (slash == std::string::npos) return {".", to};
  return {to.substr(0, slash == 0 ? 1 : slash), to.substr(slash + 1)};
}

std::string descriptorPath(int descriptor) { return "/proc/self/fd/" + std::to_string(descriptor); }

}  // namespace

Result<TargetFile> TargetFile::open(const std::string& to, const std::string& name, uint64_t size, Existing existing,
                                    Random& random, Unfinished unfinished) {
  auto [folder, chosen] = placeOf(to, name);
  std::string path = folder + "/" + chosen;
  if (chosen.empty()) {
    return std::unexpected(Error{ErrorCode::fileUnusable, to + " is no folder.", "Make it, or name another."});
  }
  struct stat state{};
  if (::lstat(path.c_str(), &state) == 0) {
    if (S_ISDIR(state.st_mode)) {
      return std::unexpected(Error{ErrorCode::fileUnusable, path + " is a folder.", "Name another place."});
    }
    if (existing == Existing::kept) return exists(path);
  }
  int number = -1;
  if (unfinished == Unfinished::nameless) number = ::open(folder.c_str(), O_TMPFILE | O_WRONLY | O_CLOEXEC, kMode);
  int failure = errno;
  std::string ownName = ".qpq-" + toHex(random.bytes<8>());
  TargetFile file(std::move(folder), std::move(chosen), std::move(ownName), existing, Descriptor(number));
  // EISDIR: a kernel or filesystem that takes O_TMPFILE for the opening of the folder.
  if (number < 0 && (unfinished == Unfinished::named || failure == EOPNOTSUPP || failure == EISDIR)) {
    return openNamed(std::move(file), size);
  }
  errno = failure;
  if (number < 0) return std::unexpected(systemFailure("write", path));
  TRY(file.reserve(size));
  return file;
}

Result<TargetFile> TargetFile::openNamed(TargetFile like, uint64_t size) {
  Descriptor descriptor(::open(like.ownPath().c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, kMode));
  if (descriptor.get() < 0) return std::unexpected(systemFailure("write", like.path()));
  TargetFile file(like.folder_, like.name_, like.ownName_, like.existing_, std::move(descriptor));
  file.hasOwnName_ = true;
  TRY(file.reserve(size));
  return file;
}

TargetFile::TargetFile(TargetFile&& other) noexcept
    : folder_(std::move(other.folder_)),
      name_(std::move(other.name_)),
      ownName_(std::move(other.ownName_)),
      hasOwnName_(std::exchange(other.hasOwnName_, false)),
      existing_(other.existing_),
      descriptor_(std::move(other.descriptor_)) {}

TargetFile::~TargetFile() {
  if (hasOwnName_) ::unlink(ownPath().c_str());
}

// Better to know before it is fetched. Filesystems that cannot say do not hinder.
Result<void> TargetFile::reserve(uint64_t size) {
  if (size == 0 || ::fallocate(descriptor_.get(), 0, 0, static_cast<off_t>(size)) == 0) return {};
  if (errno == EOPNOTSUPP || errno == ENOSYS || errno == EINTR) return {};
  return std::unexpected(systemFailure("write", path()));
}

Result<void> TargetFile::write(ByteView bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(descriptor_.get(), bytes.data(), bytes.size());
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return std::unexpected(systemFailure("write", path()));
    bytes = bytes.subspan(static_cast<std::size_t>(written));
  }
  return {};
}

Result<std::string> TargetFile::keep() {
  if (::fsync(descriptor_.get()) != 0) return std::unexpected(systemFailure("write", path()));
  if (!hasOwnName_) {
    std::string nameless = descriptorPath(descriptor_.get());
    if (::linkat(AT_FDCWD, nameless.c_str(), AT_FDCWD, ownPath().c_str(), AT_SYMLINK_FOLLOW) != 0) {
      return std::unexpected(systemFailure("write", path()));
    }
    hasOwnName_ = true;
  }
  unsigned flags = existing_ == Existing::kept ? RENAME_NOREPLACE : 0;
  if (::renameat2(AT_FDCWD, ownPath().c_str(), AT_FDCWD, path().c_str(), flags) != 0) {
    if (errno == EEXIST && existing_ == Existing::kept) return exists(path());
    return std::unexpected(systemFailure("write", path()));
  }
  hasOwnName_ = false;
  // The name itself must survive a power cut.
  Descriptor folder(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.get() < 0 || ::fsync(folder.get()) != 0) return std::unexpected(systemFailure("write", path()));
  return path();
}

}  // namespace qpq::client::files
