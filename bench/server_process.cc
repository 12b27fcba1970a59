#include "server_process.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <unistd.h>

#include <array>
#include <format>
#include <utility>

#include "data_folder.h"

namespace qpq::bench {

namespace {

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

// "qpq-server listening on ADDRESS identity HEX"
std::optional<quic::SocketAddress> addressIn(const std::string& line) {
  constexpr std::string_view kBefore = "listening on ";
  std::size_t at = line.find(kBefore);
  if (at == std::string::npos) return std::nullopt;
  std::size_t begin = at + kBefore.size();
  return quic::SocketAddress::parse(line.substr(begin, line.find(' ', begin) - begin));
}

}  // namespace

ServerProcess::ServerProcess(const std::filesystem::path& dataFolder, const Options& options) {
  std::filesystem::create_directories(dataFolder);
  std::array<int, 2> pipe{};
  KJ_SYSCALL(::pipe2(pipe.data(), O_CLOEXEC));
  kj::AutoCloseFd reading(pipe[0]), writing(pipe[1]);
  std::vector<std::string> command{programFolder() / "qpq-server",
                                   "--listen",
                                   std::format("127.0.0.1:{}", options.port),
                                   "--data-dir",
                                   dataFolder,
                                   "--allow-insecure-auth",
                                   "--loops",
                                   std::to_string(options.loops)};
  command.insert(command.end(), options.further.begin(), options.further.end());
  process_.emplace(std::move(command), dataFolder / "said.log",
                   ChildProcess::Options{.core = options.core, .output = writing});
  writing = nullptr;
  auto address = addressIn(firstLine(reading));
  if (!address) {
    process_->end(SIGTERM);
    KJ_FAIL_REQUIRE("qpq-server did not start", process_->said().c_str());
  }
  address_ = *address;
}

}  // namespace qpq::bench
