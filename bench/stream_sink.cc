#include "stream_sink.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <vector>

#include "base/codec.h"
#include "client_loop.h"
#include "must.h"
#include "quic/kernel_socket.h"
#include "quic/self_signed.h"

namespace qpq::bench {

namespace {

constexpr std::size_t kChunk = 256 * 1024;

class Sink final: private kj::TaskSet::ErrorHandler {
 public:
  Sink(): tasks_(*this) {}

  [[noreturn]] void serve(int tell) {
    auto own = quic::makeSelfSigned(loop_.random, loop_.clock.now());
    auto identity = quic::TlsIdentity::load(own.certificatePem, own.keyPem.expose());
    KJ_REQUIRE(identity.has_value());
    auto socket =
        kj::heap<quic::KernelSocket>(loop_.port, quic::SocketAddress::loopback(), quic::KernelSocket::Role::server);
    quic::Endpoint endpoint(loop_.timer, loop_.random, kj::mv(socket));
    endpoint.listen(*identity, [this](kj::Own<quic::Connection> connection) { tasks_.add(read(kj::mv(connection))); });
    uint16_t port = endpoint.localAddress().port;
    KJ_REQUIRE(::write(tell, &port, sizeof(port)) == sizeof(port));
    loop_.wait(kj::Promise<void>(kj::NEVER_DONE));
    KJ_UNREACHABLE;
  }

 private:
  kj::Promise<void> read(kj::Own<quic::Connection> connection) {
    std::vector<kj::byte> chunk(kChunk);
    for (;;) {
      auto stream = co_await connection->acceptStream();
      uint64_t bytes = 0;
      for (;;) {
        std::size_t count = co_await stream->tryRead(chunk.data(), 1, chunk.size());
        if (count == 0) break;
        bytes += count;
      }
      Bytes answer = encode(bytes);
      co_await stream->write(answer.data(), answer.size());
      stream->shutdownWrite();
    }
  }
  void taskFailed(kj::Exception&& exception) override {
    if (exception.getType() != kj::Exception::Type::DISCONNECTED) KJ_LOG(ERROR, "the sink", exception);
  }

  ClientLoop loop_;
  kj::TaskSet tasks_;
};

}  // namespace

StreamSink::StreamSink(std::optional<uint32_t> core) {
  std::array<int, 2> pipe{};
  KJ_SYSCALL(::pipe2(pipe.data(), O_CLOEXEC));
  kj::AutoCloseFd reading(pipe[0]), writing(pipe[1]);
  KJ_SYSCALL(pid_ = ::fork());
  if (pid_ == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    cpu_set_t cores;
    CPU_ZERO(&cores);
    CPU_SET(core.value_or(0), &cores);
    if (core) ::sched_setaffinity(0, sizeof(cores), &cores);
    Sink().serve(writing);
  }
  uint16_t port = 0;
  KJ_REQUIRE(::read(reading, &port, sizeof(port)) == sizeof(port), "no sink");
  address_ = quic::SocketAddress::loopback(port);
}

StreamSink::~StreamSink() {
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
}

}  // namespace qpq::bench
