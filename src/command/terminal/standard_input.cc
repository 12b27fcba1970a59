#include "command/terminal/standard_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>

namespace qpq::command {

namespace {

constexpr std::string_view kPasteOn = "\x1b[?2004h";
constexpr std::string_view kPasteOff = "\x1b[?2004l";

// What the signal handler restores. A terminal left raw is a broken shell, so this one piece of process state is
// allowed.
termios savedMode;
volatile std::sig_atomic_t rawNow = 0;

void restore() {
  if (rawNow == 0) return;
  rawNow = 0;
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &savedMode);
  [[maybe_unused]] ssize_t written = ::write(STDOUT_FILENO, kPasteOff.data(), kPasteOff.size());
}

void restoreAndDie(int signal) {
  restore();
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

// Nobody reads what is written any more: the end of a pipeline like `| head -1`. The event loop ignores the signal for
// its sockets' sake, so it is raised anew. What is durable stays so.
[[noreturn]] void endQuietly() {
  std::signal(SIGPIPE, SIG_DFL);
  std::raise(SIGPIPE);
  ::_exit(128 + SIGPIPE);
}

// Waits for input or for stopFd; false when it is time to stop.
bool inputReady(int stopFd) {
  std::array<pollfd, 2> both{pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{stopFd, POLLIN, 0}};
  while (::poll(both.data(), both.size(), -1) < 0) {
    if (errno != EINTR) return false;
  }
  return both[1].revents == 0;
}

}  // namespace

StandardInput::StandardInput(): stopFd_(::eventfd(0, EFD_CLOEXEC)) {}

StandardInput::~StandardInput() noexcept(false) {
  uint64_t one = 1;
  [[maybe_unused]] ssize_t written = ::write(stopFd_, &one, sizeof(one));
  // stopFd_ stays open until the reader has seen it, which its own destructor waits for; the process ends soon after.
}

kj::Promise<std::string> StandardInput::read() {
  return reader_.run([stopFd = stopFd_]() {
    std::string bytes;
    if (!inputReady(stopFd)) return bytes;
    std::array<char, 16 * 1024> chunk;
    ssize_t size = 0;
    do size = ::read(STDIN_FILENO, chunk.data(), chunk.size());
    while (size < 0 && errno == EINTR);
    if (size > 0) bytes.assign(chunk.data(), static_cast<std::size_t>(size));
    return bytes;
  });
}

RawMode::RawMode() {
  ::tcgetattr(STDIN_FILENO, &savedMode);
  termios raw = savedMode;
  ::cfmakeraw(&raw);
  raw.c_oflag |= OPOST;  // what others print while we run still gets its line ends
  ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &raw);
  rawNow = 1;
  for (int signal : {SIGTERM, SIGHUP, SIGABRT, SIGSEGV}) std::signal(signal, restoreAndDie);
  writeAll(STDOUT_FILENO, kPasteOn);
}

RawMode::~RawMode() {
  restore();
  for (int signal : {SIGTERM, SIGHUP, SIGABRT, SIGSEGV}) std::signal(signal, SIG_DFL);
}

bool isTerminal(int fd) { return ::isatty(fd) == 1; }

int terminalColumns() {
  winsize size{};
  if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 80;
  return size.ws_col;
}

void writeAll(int fd, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t written = ::write(fd, bytes.data(), bytes.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      if (errno == EPIPE) endQuietly();
      return;
    }
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
}

namespace {

enum class Echo { on, off };

// A line from the terminal itself, which standard input need not be.
std::optional<SecretBytes> ask(std::string_view question, Echo echo) {
  int terminal = ::open("/dev/tty", O_RDWR | O_CLOEXEC);
  if (terminal < 0) return std::nullopt;
  termios before{};
  ::tcgetattr(terminal, &before);
  termios silent = before;
  if (echo == Echo::off) silent.c_lflag &= ~static_cast<tcflag_t>(ECHO);
  ::tcsetattr(terminal, TCSAFLUSH, &silent);
  writeAll(terminal, question);

  WipedBuffer typed;
  typed.reserve(kPromptBytesMax);
  bool cancelled = true;
  uint8_t byte = 0;
  while (::read(terminal, &byte, 1) == 1) {
    if (byte == '\n') {
      cancelled = false;
      break;
    }
    if (typed.size() < kPromptBytesMax) typed.push_back(byte);
  }
  ::tcsetattr(terminal, TCSAFLUSH, &before);
  if (echo == Echo::off) writeAll(terminal, "\n");
  ::close(terminal);
  if (cancelled) return std::nullopt;
  return SecretBytes(std::move(typed));
}

}  // namespace

std::optional<SecretBytes> promptSecret(std::string_view question) { return ask(question, Echo::off); }

std::optional<std::string> promptLine(std::string_view question) {
  auto typed = ask(question, Echo::on);
  if (!typed) return std::nullopt;
  return std::string(asText(typed->expose()));
}

}  // namespace qpq::command
