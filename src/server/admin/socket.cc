#include "server/admin/socket.h"

#include <kj/debug.h>
#include <kj/io.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <format>
#include <optional>

#include "server/admin/address.h"
#include "server/observe/limits.h"

namespace qpq::server {

namespace {

bool isAnswered(const AdminAddress& address) {
  kj::AutoCloseFd probe(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  return ::connect(probe.get(), address.get(), AdminAddress::size()) == 0 || errno == EAGAIN;
}

kj::AutoCloseFd boundIn(const std::string& folder) {
  AdminAddress address(folder);
  KJ_REQUIRE(address.isThere() && !isAnswered(address), "another server answers in this data_dir", folder.c_str());
  int fd = 0;
  KJ_SYSCALL(fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  kj::AutoCloseFd owned(fd);
  ::unlink(address.path());
  // The mode is there from the first moment: what is corrected afterwards was open before.
  mode_t before = ::umask(0177);
  int bound = ::bind(fd, address.get(), AdminAddress::size());
  ::umask(before);
  KJ_REQUIRE(bound == 0, "admin.sock cannot be made", folder.c_str(), errno);
  KJ_SYSCALL(::listen(fd, static_cast<int>(kAdminConnectionsMax)));
  return owned;
}

// The file's mode says the same; this holds where a folder was opened to others by mistake.
bool mayAsk(kj::AsyncIoStream& stream) {
  ucred peer{};
  kj::uint size = sizeof(peer);
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return size == sizeof(peer) && (peer.uid == ::geteuid() || peer.uid == 0);
}

// One line of at most kAdminLineMax bytes; nothing if there is none.
kj::Promise<std::optional<std::string>> lineFrom(kj::AsyncIoStream& stream) {
  std::string line;
  char piece[512];
  while (line.size() <= kAdminLineMax) {
    std::size_t got = co_await stream.tryRead(piece, 1, sizeof(piece));
    if (got == 0) co_return std::nullopt;
    line.append(piece, got);
    if (auto end = line.find('\n'); end != std::string::npos) co_return line.substr(0, end);
  }
  co_return std::nullopt;
}

constexpr auto kFlags = kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK |
                        kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC;

}  // namespace

AdminSocket::AdminSocket(kj::LowLevelAsyncIoProvider& provider, kj::Timer& timer, std::string folder, Answer answer)
    : timer_(timer),
      folder_(std::move(folder)),
      answer_(kj::mv(answer)),
      receiver_(provider.wrapListenSocketFd(boundIn(folder_), kFlags)),
      tasks_(*this) {
  tasks_.add(acceptForEver());
}

AdminSocket::~AdminSocket() noexcept(false) { ::unlink(AdminAddress(folder_).path()); }

kj::Promise<void> AdminSocket::acceptForEver() {
  for (;;) {
    auto stream = co_await receiver_->accept();
    if (open_ < kAdminConnectionsMax && mayAsk(*stream)) tasks_.add(serve(kj::mv(stream)));
  }
}

kj::Promise<void> AdminSocket::serve(kj::Own<kj::AsyncIoStream> stream) {
  ++open_;
  KJ_DEFER(--open_);
  auto late = timer_.afterDelay(kAdminRequestMs * kj::MILLISECONDS).then([]() { return std::optional<std::string>(); });
  auto line = co_await lineFrom(*stream).exclusiveJoin(kj::mv(late));
  if (!line) co_return;
  AdminOutcome outcome = co_await answer_(*std::move(line));
  std::string text = std::format("{}exit {}\n", outcome.text, outcome.exit);
  co_await stream->write(text.data(), text.size());
}

void AdminSocket::taskFailed(kj::Exception&& exception) {
  // Whoever asked and went away is no event.
  if (exception.getType() != kj::Exception::Type::DISCONNECTED) KJ_LOG(ERROR, "admin socket", exception);
}

}  // namespace qpq::server
