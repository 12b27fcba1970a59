#include "server_process.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <format>
#include <fstream>
#include <iterator>
#include <string>
#include <utility>
#include <vector>

#include "data_folder.h"

namespace qpq::bench {

namespace {

kj::AutoCloseFd openForWriting(const std::string& path) {
  int fd;
  KJ_SYSCALL(fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600), path.c_str());
  return kj::AutoCloseFd(fd);
}

// In the child, where only calls that are safe after fork may be made. Does not return.
[[noreturn]] void become(const std::vector<char*>& words, const cpu_set_t* cores, pid_t parent, int output,
                         int errors) {
  if (::sched_setaffinity(0, sizeof(cpu_set_t), cores) != 0) ::_exit(127);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // it ended before it was to be watched
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  ::dup2(output, STDOUT_FILENO);
  ::dup2(errors, STDERR_FILENO);
  ::execv(words[0], words.data());
  ::_exit(127);
}

// Its one core, or every core of the machine, wherever this program itself runs.
cpu_set_t coresOf(std::optional<uint32_t> core) {
  cpu_set_t cores;
  CPU_ZERO(&cores);
  long count = core ? 1 : ::sysconf(_SC_NPROCESSORS_ONLN);
  for (long i = 0; i < count; ++i) CPU_SET(core.value_or(0) + static_cast<std::size_t>(i), &cores);
  return cores;
}

pid_t spawn(std::vector<std::string> command, const cpu_set_t& cores, int output, int errors) {
  std::vector<char*> words;
  for (std::string& word : command) words.push_back(word.data());
  words.push_back(nullptr);
  pid_t parent = ::getpid();
  pid_t child;
  KJ_SYSCALL(child = ::fork());
  if (child == 0) become(words, &cores, parent, output, errors);
  return child;
}

std::string firstLine(int fd) {
  std::string line;
  char next;
  for (;;) {
    ssize_t count;
    KJ_SYSCALL(count = ::read(fd, &next, 1));
    if (count == 0 || next == '\n') return line;
    line += next;
  }
}

std::string contentOf(const std::string& path) {
  std::ifstream file(path);
  return {std::istreambuf_iterator<char>(file), {}};
}

// "qpq-server listening on ADDRESS identity HEX"
std::optional<quic::SocketAddress> addressIn(const std::string& line) {
  constexpr std::string_view kBefore = "listening on ";
  std::size_t at = line.find(kBefore);
  if (at == std::string::npos) return std::nullopt;
  std::size_t begin = at + kBefore.size();
  return quic::SocketAddress::parse(line.substr(begin, line.find(' ', begin) - begin));
}

void end(pid_t child, int signal) {
  ::kill(child, signal);
  ::waitpid(child, nullptr, 0);
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& dataFolder, const Options& options) {
  std::filesystem::create_directories(dataFolder);
  std::string said = dataFolder / "said.log";
  std::array<int, 2> pipe{};
  KJ_SYSCALL(::pipe2(pipe.data(), O_CLOEXEC));
  kj::AutoCloseFd reading(pipe[0]), writing(pipe[1]);
  kj::AutoCloseFd errors = openForWriting(said);
  std::vector<std::string> command{programFolder() / "qpq-server",
                                   "--listen",
                                   std::format("127.0.0.1:{}", options.port),
                                   "--data-dir",
                                   dataFolder,
                                   "--allow-insecure-auth",
                                   "--loops",
                                   std::to_string(options.loops)};
  command.insert(command.end(), options.further.begin(), options.further.end());
  pid_ = spawn(std::move(command), coresOf(options.core), writing, errors);
  writing = nullptr;
  auto address = addressIn(firstLine(reading));
  if (!address) {
    end(pid_, SIGTERM);
    std::string reason = contentOf(said);
    KJ_FAIL_REQUIRE("qpq-server did not start", reason.c_str());
  }
  address_ = *address;
}

ServerProcess::~ServerProcess() {
  if (pid_ != 0) end(pid_, SIGTERM);
}

void ServerProcess::kill() { end(std::exchange(pid_, 0), SIGKILL); }

void runOn(uint32_t core) {
  cpu_set_t cores = coresOf(core);
  KJ_SYSCALL(::sched_setaffinity(0, sizeof(cores), &cores));
}

double ServerProcess::cpuUs() const {
  clockid_t clock;
  KJ_REQUIRE(::clock_getcpuclockid(pid_, &clock) == 0);
  timespec used{};
  KJ_SYSCALL(::clock_gettime(clock, &used));
  return static_cast<double>(used.tv_sec) * 1e6 + static_cast<double>(used.tv_nsec) / 1e3;
}

double ServerProcess::residentKiB() const {
  std::ifstream file(std::format("/proc/{}/statm", pid_));
  uint64_t total = 0, resident = 0;
  file >> total >> resident;
  KJ_REQUIRE(file.good(), "the server has ended");
  return static_cast<double>(resident) * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1024;
}

}  // namespace qpq::bench
