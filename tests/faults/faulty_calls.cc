// For LD_PRELOAD, in front of a real qpq-server: calls that make data durable fail on command, and the wall clock is
// wrong by so much. The commands stand in a file, QPQ_FAULTS, which whoever started the program may change at any
// moment (calls.py has the same layout).
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace {

struct Commands {
  std::atomic<int64_t> syncsLeft;  // calls that still work; negative: all of them
  std::atomic<int64_t> syncsFailed;
  std::atomic<int64_t> clockOffsetNs;
};

Commands& commands() {
  static Commands& shared = []() -> Commands& {
    static Commands none{-1, 0, 0};
    const char* path = std::getenv("QPQ_FAULTS");
    int fd = path == nullptr ? -1 : ::open(path, O_RDWR | O_CLOEXEC);
    void* memory = fd < 0 ? MAP_FAILED : ::mmap(nullptr, sizeof(Commands), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (fd >= 0) ::close(fd);
    return memory == MAP_FAILED ? none : *static_cast<Commands*>(memory);
  }();
  return shared;
}

template <class Call>
Call* real(const char* name) {
  return reinterpret_cast<Call*>(::dlsym(RTLD_NEXT, name));
}

bool fails() {
  std::atomic<int64_t>& left = commands().syncsLeft;
  for (int64_t now = left.load(); now >= 0;) {
    if (now == 0) {
      ++commands().syncsFailed;
      errno = EIO;
      return true;
    }
    if (left.compare_exchange_weak(now, now - 1)) return false;
  }
  return false;
}

}  // namespace

extern "C" {

int fsync(int fd) {
  static auto* const next = real<int(int)>("fsync");
  return fails() ? -1 : next(fd);
}

int fdatasync(int fd) {
  static auto* const next = real<int(int)>("fdatasync");
  return fails() ? -1 : next(fd);
}

int clock_gettime(clockid_t clock, timespec* out) noexcept {
  static auto* const next = real<int(clockid_t, timespec*)>("clock_gettime");
  int result = next(clock, out);
  int64_t offset = clock == CLOCK_REALTIME ? commands().clockOffsetNs.load() : 0;
  if (result != 0 || offset == 0) return result;
  constexpr int64_t kSecondNs = 1'000'000'000;
  int64_t ns = out->tv_sec * kSecondNs + out->tv_nsec + offset;
  *out = {ns / kSecondNs, ns % kSecondNs};
  return 0;
}

int gettimeofday(timeval* __restrict out, void* __restrict) noexcept {
  timespec now{};
  if (clock_gettime(CLOCK_REALTIME, &now) != 0) return -1;
  *out = {now.tv_sec, now.tv_nsec / 1000};
  return 0;
}

time_t time(time_t* out) noexcept {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  if (out != nullptr) *out = now.tv_sec;
  return now.tv_sec;
}
}
