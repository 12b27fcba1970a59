#include "child_process.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <format>
#include <fstream>
#include <iterator>
#include <utility>

namespace qpq::bench {

namespace {

kj::AutoCloseFd openForWriting(const std::string& path) {
  int fd;
  KJ_SYSCALL(fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), path.c_str());
  return kj::AutoCloseFd(fd);
}

// Its one core, or every core of the machine, wherever this program itself runs.
cpu_set_t coresOf(std::optional<uint32_t> core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  long count = core ? 1 : ::sysconf(_SC_NPROCESSORS_ONLN);
  for (long i = 0; i < count; ++i) CPU_SET(core.value_or(0) + static_cast<std::size_t>(i), &cores);
  return cores;
}

struct Start {
  std::vector<char*> words;
  cpu_set_t cores;
  pid_t parent;
  int output;
  int errors;
};

// In the child, where only calls that are safe after fork may be made. Does not return.
[[noreturn]] void become(const Start& start) {
  if (::sched_setaffinity(0, sizeof(cpu_set_t), &start.cores) != 0) ::_exit(127);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != start.parent) ::_exit(127);  // it ended before it was to be watched
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(start.output, STDOUT_FILENO);
  ::dup2(start.errors, STDERR_FILENO);
  ::execvp(start.words[0], start.words.data());
  ::_exit(127);
}

}  // namespace

ChildProcess::ChildProcess(std::vector<std::string> command, const std::filesystem::path& said, const Options& options)
    : said_(said) {
  kj::AutoCloseFd errors = openForWriting(said);
  Start start{{}, coresOf(options.core), ::getpid(), options.output >= 0 ? options.output : errors.get(), errors};
  for (std::string& word : command) start.words.push_back(word.data());
  start.words.push_back(nullptr);
  KJ_SYSCALL(pid_ = ::fork());
  if (pid_ == 0) become(start);
}

ChildProcess::~ChildProcess() {
  if (pid_ != 0) end(SIGTERM);
}

void ChildProcess::end(int signal) {
  pid_t child = std::exchange(pid_, 0);
  ::kill(child, signal);
  ::waitpid(child, nullptr, 0);
}

std::string ChildProcess::said() const {
  std::ifstream file(said_);
  return {std::istreambuf_iterator<char>(file), {}};
}

double ChildProcess::cpuUs() const {
  clockid_t clock;
  KJ_REQUIRE(::clock_getcpuclockid(pid_, &clock) == 0);
  timespec used{};
  KJ_SYSCALL(::clock_gettime(clock, &used));
  return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

double ChildProcess::residentKiB() const {
  std::ifstream file(std::format("/proc/{}/statm", pid_));
  uint64_t total = 0, resident = 0;
  file >> total >> resident;
  KJ_REQUIRE(file.good(), "the server has ended");
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

std::optional<uint32_t> keepApart() {
  if (::sysconf(_SC_NPROCESSORS_ONLN) < 2) return std::nullopt;
  cpu_set_t cores = coresOf(1);
  KJ_SYSCALL(::sched_setaffinity(0, sizeof(cores), &cores));
  return 0;
}

}  // namespace qpq::bench
