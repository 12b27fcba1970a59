#include "command/host/profile_socket.h"

#include <fcntl.h>
#include <kj/debug.h>
#include <kj/io.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstring>

#include "command/host/remote_host.h"

namespace qpq::command {

namespace {

constexpr int kBacklog = 16;

// A socket's address is at most 107 bytes; through an open folder it is short wherever the profile lies.
struct Address {
  explicit Address(const std::string& folder): folderFd(::open(folder.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {
    name.sun_family = AF_UNIX;
    std::string path = "/proc/self/fd/" + std::to_string(folderFd) + "/socket";
    std::memcpy(name.sun_path, path.c_str(), path.size() + 1);
  }
  ~Address() {
    if (folderFd >= 0) ::close(folderFd);
  }
  Address(const Address&) = delete;
  Address& operator=(const Address&) = delete;

  const sockaddr* get() const { return reinterpret_cast<const sockaddr*>(&name); }

  int folderFd;
  sockaddr_un name{};
};

bool sameUser(kj::AsyncIoStream& stream) {
  ucred peer{};
  kj::uint size = sizeof(peer);
  stream.getsockopt(SOL_SOCKET, SO_PEERCRED, &peer, &size);
  return peer.uid == ::geteuid();
}

Value response(const Value& request) {
  const Value* id = request.find("id");
  return Value::object({{"jsonrpc", "2.0"}, {"id", id != nullptr ? *id : Value()}});
}

Value errorObject(const Failure& failure) {
  // JSON-RPC 2.0 §5.1: -32602 for parameters, -32000 for an answer of the application's own.
  int code = failure.exit == Exit::usage ? -32602 : -32000;
  return Value::object({{"code", code}, {"message", failure.what}, {"data", toValue(failure)}});
}

// One attached process.
class Attached final: private kj::TaskSet::ErrorHandler {
 public:
  Attached(Host& host, kj::AsyncIoStream& stream): host_(host), reader_(stream), writer_(stream), tasks_(*this) {}

  kj::Promise<void> serve() {
    for (;;) {
      auto line = co_await reader_.next();
      if (!line) co_return;
      auto request = fromJson(*line);
      if (!request || request->textAt("method").empty()) {
        Value answer = Value::object({{"jsonrpc", "2.0"}, {"id", {}}});
        std::string what = request ? "a request names a method" : request.error();
        answer.set("error", Value::object({{"code", -32600}, {"message", what}}));
        co_await writer_.write(toJson(answer));
        co_return;
      }
      tasks_.add(answer(kj::mv(*request)));
    }
  }

 private:
  kj::Promise<void> answer(Value request) {
    std::string method(request.textAt("method"));
    Value answer = response(request);
    if (method == "subscribe") {
      listening_ = host_.listen([this](const Value& event) { push(event); });
      answer.set("result", Value::object());
    } else {
      const Value* parameters = request.find("params");
      auto outcome = co_await host_.call(method, parameters != nullptr ? *parameters : Value());
      if (outcome) {
        answer.set("result", kj::mv(*outcome));
      } else {
        answer.set("error", errorObject(outcome.error()));
      }
    }
    co_await writer_.write(toJson(answer));
  }
  void push(const Value& event) {
    if (writer_.waitingBytes() > kUnreadEventBytesMax) return;
    tasks_.add(writer_.write(toJson(Value::object({{"jsonrpc", "2.0"}, {"method", "event"}, {"params", event}}))));
  }
  void taskFailed(kj::Exception&&) override {
    // The process went away while it was answered: serve() ends by itself.
  }

  Host& host_;
  LineReader reader_;
  LineWriter writer_;
  kj::TaskSet tasks_;
  kj::Own<void> listening_;
};

}  // namespace

std::expected<kj::Own<ProfileSocket>, Failure> ProfileSocket::serve(kj::LowLevelAsyncIoProvider& provider, Host& host,
                                                                    const std::string& folder) {
  auto failed = [&](const char* step) {
    return std::unexpected(Failure{
        Exit::store, "socket", std::string("cannot ") + step + " " + folder + "/socket: " + std::strerror(errno), {}});
  };
  Address address(folder);
  if (address.folderFd < 0) return failed("reach");
  kj::AutoCloseFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (fd.get() < 0) return failed("make");
  ::unlink(address.name.sun_path);
  mode_t before = ::umask(0177);
  int bound = ::bind(fd.get(), address.get(), sizeof(address.name));
  ::umask(before);
  if (bound != 0) return failed("bind");
  if (::listen(fd.get(), kBacklog) != 0) return failed("listen on");
  constexpr auto kFlags = kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK |
                          kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC;
  return kj::heap<ProfileSocket>(provider.wrapListenSocketFd(kj::mv(fd), kFlags), host, folder);
}

kj::Promise<kj::Maybe<kj::Own<Host>>> ProfileSocket::attach(kj::LowLevelAsyncIoProvider& provider,
                                                            const std::string& folder) {
  Address address(folder);
  if (address.folderFd < 0) return kj::Maybe<kj::Own<Host>>(nullptr);
  kj::AutoCloseFd fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  if (fd.get() < 0 || ::connect(fd.get(), address.get(), sizeof(address.name)) != 0) {
    return kj::Maybe<kj::Own<Host>>(nullptr);
  }
  auto stream = provider.wrapSocketFd(
      kj::mv(fd), kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC);
  kj::Own<Host> host = kj::heap<RemoteHost>(kj::mv(stream));
  return kj::Maybe<kj::Own<Host>>(kj::mv(host));
}

ProfileSocket::ProfileSocket(kj::Own<kj::ConnectionReceiver> receiver, Host& host, std::string folder)
    : receiver_(kj::mv(receiver)), host_(host), folder_(kj::mv(folder)), tasks_(*this) {
  tasks_.add(accept());
}

ProfileSocket::~ProfileSocket() noexcept(false) { ::unlink((folder_ + "/socket").c_str()); }

kj::Promise<void> ProfileSocket::whenAlone() {
  if (attached_ == 0) return kj::READY_NOW;
  auto paired = kj::newPromiseAndFulfiller<void>();
  alone_ = kj::mv(paired.fulfiller);
  return kj::mv(paired.promise);
}

kj::Promise<void> ProfileSocket::accept() {
  for (;;) {
    auto stream = co_await receiver_->accept();
    if (sameUser(*stream)) tasks_.add(serveOne(kj::mv(stream)));
  }
}

kj::Promise<void> ProfileSocket::serveOne(kj::Own<kj::AsyncIoStream> stream) {
  ++attached_;
  KJ_DEFER({
    --attached_;
    if (attached_ == 0) {
      KJ_IF_MAYBE (alone, alone_) (*alone)->fulfill();
    }
  });
  Attached attached(host_, *stream);
  co_await attached.serve();
}

void ProfileSocket::taskFailed(kj::Exception&&) {
  // An attached process that went away in the middle of a line is no event for the owner.
}

}  // namespace qpq::command
