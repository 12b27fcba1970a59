#include "server/whole_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <format>

namespace qpq::server {

namespace {

struct File {
  int descriptor;
  explicit File(int descriptor): descriptor(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor >= 0) close(descriptor);
  }
};

std::unexpected<ConfigError> failed(const std::string& path) {
  return std::unexpected(ConfigError{std::format("{}: {}", path, std::strerror(errno))});
}

Configured<void> writeAll(int descriptor, ByteView bytes, const std::string& path) {
  while (!bytes.empty()) {
    ssize_t put = write(descriptor, bytes.data(), bytes.size());
    if (put < 0) return failed(path);
    bytes = bytes.subspan(static_cast<std::size_t>(put));
  }
  return {};
}

}  // namespace

Configured<SecretBytes> readWhole(const std::string& path, std::string_view what, std::size_t sizeMax) {
  std::string named = std::format("{} {}", what, path);
  File file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.descriptor < 0) return failed(named);
  SecretBytes content(sizeMax + 1);
  std::size_t size = 0;
  while (size < content.size()) {
    ssize_t got = read(file.descriptor, content.writable().data() + size, content.size() - size);
    if (got < 0) return failed(named);
    if (got == 0) return SecretBytes(content.expose().first(size));
    size += static_cast<std::size_t>(got);
  }
  return std::unexpected(ConfigError{std::format("{} is larger than {} bytes", named, sizeMax)});
}

Configured<void> writeWhole(const std::string& path, ByteView content) {
  std::string beside = path + ".new";
  {
    File file(open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    if (file.descriptor < 0) return failed(beside);
    TRY(writeAll(file.descriptor, content, beside));
    if (fsync(file.descriptor) != 0) return failed(beside);
  }
  if (rename(beside.c_str(), path.c_str()) != 0) return failed(path);
  std::filesystem::path parent = std::filesystem::path(path).parent_path();
  File folder(open(parent.empty() ? "." : parent.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (folder.descriptor < 0 || fsync(folder.descriptor) != 0) return failed(path);
  return {};
}

}  // namespace qpq::server
