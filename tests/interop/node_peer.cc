#include "interop/node_peer.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

namespace qpq::test {

namespace {

namespace fs = std::filesystem;

constexpr int kInstallTimeMaxMs = 120'000;
constexpr int kAnswerTimeMaxMs = 60'000;  // Argon2id at its real cost in WebAssembly, on a busy machine

class Descriptor {
 public:
  explicit Descriptor(int fd): fd_(fd) {
    if (fd < 0) throw std::system_error(errno, std::generic_category(), "node peer");
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) close(fd_);
  }
  int fd() const { return fd_; }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
};

// Starts a program of the path, nothing if there is no such program.
std::optional<pid_t> spawn(std::vector<std::string> command, const fs::path& folder, int input, int output) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
  posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  std::vector<char*> arguments;
  for (std::string& word : command) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  pid_t process = 0;
  int failed = posix_spawnp(&process, arguments[0], &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (failed != 0) return std::nullopt;
  return process;
}

// Waits for a program to end of itself; true if it did, and well.
bool succeeds(pid_t process, int timeMaxMs) {
  // By number: the header of glibc 2.41 declares pidfd_open() for C only.
  Descriptor handle(static_cast<int>(syscall(SYS_pidfd_open, process, 0)));
  pollfd ended{.fd = handle.fd(), .events = POLLIN, .revents = 0};
  if (poll(&ended, 1, timeMaxMs) != 1) kill(process, SIGKILL);
  int status = 0;
  waitpid(process, &status, 0);
  return WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

std::string contents(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// `npm ci` once per content of the lock file. ctest runs cases at the same time, so one installs and the others wait.
std::optional<std::string> install(const fs::path& source, const fs::path& folder) {
  fs::create_directories(folder);
  Descriptor lock(open((folder / "lock").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600));
  if (flock(lock.fd(), LOCK_EX) != 0) throw std::system_error(errno, std::generic_category(), "flock");
  for (const char* file : {"package.json", "peer.mjs"}) {
    if (contents(source / file) != contents(folder / file)) {
      fs::copy_file(source / file, folder / file, fs::copy_options::overwrite_existing);
    }
  }
  const fs::path stamp = folder / "installed";
  const std::string wanted = contents(source / "package-lock.json");
  if (contents(stamp) == wanted) return std::nullopt;

  fs::copy_file(source / "package-lock.json", folder / "package-lock.json", fs::copy_options::overwrite_existing);
  Descriptor nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  auto npm = spawn({"npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=silent",
                    "--fetch-retries=1", "--fetch-retry-mintimeout=1000", "--fetch-timeout=30000"},
                   folder, nothing.fd(), nothing.fd());
  if (!npm) return "npm is not installed";
  if (!succeeds(*npm, kInstallTimeMaxMs)) return "npm ci failed: no package registry within reach?";
  std::ofstream(stamp, std::ios::binary) << wanted;
  return std::nullopt;
}

}  // namespace

std::expected<NodePeer, std::string> NodePeer::start(std::string_view name) {
  const fs::path folder = fs::path(QPQ_INTEROP_BUILD) / name;
  auto missing = install(fs::path(QPQ_INTEROP_SOURCE) / name, folder);
  if (missing) return std::unexpected(*missing);
  int ends[2];
  if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0) {
    throw std::system_error(errno, std::generic_category(), "socketpair");
  }
  Descriptor ours(ends[0]);
  Descriptor theirs(ends[1]);
  auto node = spawn({"node", "peer.mjs"}, folder, theirs.fd(), theirs.fd());
  if (!node) return std::unexpected("node is not installed");
  return NodePeer(ours.release(), *node);
}

NodePeer::NodePeer(NodePeer&& other) noexcept
    : socket_(std::exchange(other.socket_, -1)),
      process_(std::exchange(other.process_, -1)),
      unread_(std::move(other.unread_)) {}

NodePeer::~NodePeer() {
  if (socket_ < 0) return;
  close(socket_);  // the end of its input ends the peer
  succeeds(process_, kAnswerTimeMaxMs);
}

std::vector<std::string> NodePeer::ask(const std::vector<std::string>& words) {
  std::string line;
  for (const std::string& word : words) line += (line.empty() ? "" : " ") + word;
  line += '\n';
  // The lines are far smaller than a socket's buffer and each is answered before the next: nothing is left to send.
  if (send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size())) {
    throw std::runtime_error("the peer is gone");
  }
  std::size_t end = 0;
  while ((end = unread_.find('\n')) == std::string::npos) {
    pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
    char buffer[4096];
    if (poll(&readable, 1, kAnswerTimeMaxMs) != 1) throw std::runtime_error("the peer is silent");
    ssize_t size = recv(socket_, buffer, sizeof(buffer), 0);
    if (size <= 0) throw std::runtime_error("the peer is gone");
    unread_.append(buffer, static_cast<std::size_t>(size));
  }
  std::vector<std::string> answer;
  for (std::size_t start = 0; start < end;) {
    std::size_t stop = std::min(unread_.find(' ', start), end);
    answer.push_back(unread_.substr(start, stop - start));
    start = stop + 1;
  }
  unread_.erase(0, end + 1);
  return answer;
}

}  // namespace qpq::test
