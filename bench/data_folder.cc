#include "data_folder.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <linux/magic.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <format>
#include <vector>

#include "samples.h"

namespace qpq::bench {

namespace fs = std::filesystem;

fs::path programFolder() { return fs::read_symlink("/proc/self/exe").parent_path(); }

DataFolder::DataFolder(std::string_view bench)
    : path_(programFolder().parent_path() / "bench" / std::format("{}-{}", bench, ::getpid())) {
  fs::create_directories(path_);
}

DataFolder::~DataFolder() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

std::string_view DataFolder::durability() const {
  struct statfs about{};
  KJ_SYSCALL(::statfs(path_.c_str(), &about));
  bool isMemory = about.f_type == TMPFS_MAGIC || about.f_type == RAMFS_MAGIC;
  return isMemory ? "none" : "fsync";
}

double DataFolder::syncUs(int times) const {
  fs::path file = path_ / "sync";
  int descriptor;
  KJ_SYSCALL(descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600));
  kj::AutoCloseFd fd(descriptor);
  const std::vector<char> page(4096, 'q');
  auto write = [&](int number) {
    off_t place = static_cast<off_t>(page.size()) * number;
    KJ_ASSERT(::pwrite(fd, page.data(), page.size(), place) == static_cast<ssize_t>(page.size()));
  };
  for (int i = 0; i < times; ++i) write(i);
  KJ_SYSCALL(::fsync(fd));
  std::vector<double> eachUs;
  for (int i = 0; i < times; ++i) {
    double start = wallUs();
    write(i);
    KJ_SYSCALL(::fdatasync(fd));
    eachUs.push_back(wallUs() - start);
  }
  fs::remove(file);
  return median(eachUs);
}

double DataFolder::writeMiBs(uint64_t size) const {
  fs::path file = path_ / "written";
  const std::vector<char> piece(64 * 1024, 'q');
  double start = wallUs();
  {
    int descriptor;
    KJ_SYSCALL(descriptor = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600));
    kj::AutoCloseFd fd(descriptor);
    for (uint64_t written = 0; written < size; written += piece.size()) {
      KJ_ASSERT(::write(fd, piece.data(), piece.size()) == static_cast<ssize_t>(piece.size()));
    }
    KJ_SYSCALL(::fsync(fd));
  }
  double took = wallUs() - start;
  fs::remove(file);
  return static_cast<double>(size) / (1 << 20) * 1e6 / took;
}

}  // namespace qpq::bench
