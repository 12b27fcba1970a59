#include "client/files/source_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/try.h"

namespace qpq::client::files {

namespace {

struct State {
  uint64_t size = 0;
  int64_t modifiedNs = 0;
};

Result<State> stateOf(int descriptor, const std::string& path) {
  struct stat state{};
  if (::fstat(descriptor, &state) != 0) return std::unexpected(systemFailure("read", path));
  if (!S_ISREG(state.st_mode)) {
    const char* what = S_ISDIR(state.st_mode) ? " is a folder." : " is no plain file.";
    return std::unexpected(Error{ErrorCode::fileUnusable, path + what, "Send an archive of it instead."});
  }
  return State{static_cast<uint64_t>(state.st_size), state.st_mtim.tv_sec * 1'000'000'000 + state.st_mtim.tv_nsec};
}

}  // namespace

Error fileChanged(const std::string& path) {
  return {ErrorCode::fileChanged, path + " has changed while it was being sent: nothing was sent.",
          "Send it again when nothing writes to it any more."};
}

Result<SourceFile> SourceFile::open(const std::string& path) {
  // O_NONBLOCK: opening a pipe would wait for its writer.
  Descriptor descriptor(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
  if (descriptor.get() < 0) return std::unexpected(systemFailure("read", path));
  State state = TRY(stateOf(descriptor.get(), path));
  SourceFile file(path, std::move(descriptor));
  file.size_ = state.size;
  file.modifiedNs_ = state.modifiedNs;
  return file;
}

Result<Bytes> SourceFile::read(uint64_t offset, std::size_t size) const {
  Bytes bytes(size);
  for (std::size_t have = 0; have < size;) {
    ssize_t got = ::pread(descriptor_.get(), bytes.data() + have, size - have, static_cast<off_t>(offset + have));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(systemFailure("read", path_));
    if (got == 0) return std::unexpected(fileChanged(path_));
    have += static_cast<std::size_t>(got);
  }
  return bytes;
}

Result<void> SourceFile::checkUnchanged() const {
  State state = TRY(stateOf(descriptor_.get(), path_));
  if (state.size != size_ || state.modifiedNs != modifiedNs_) return std::unexpected(fileChanged(path_));
  return {};
}

}  // namespace qpq::client::files
