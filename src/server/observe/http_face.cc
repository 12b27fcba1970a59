#include "server/observe/http_face.h"

#include <kj/debug.h>
#include <kj/io.h>
#include <sys/socket.h>

#include <string_view>

#include "server/observe/limits.h"

namespace qpq::server {

namespace {

struct Reply {
  kj::uint code;
  kj::StringPtr status;
  std::string text;
  kj::StringPtr type = "text/plain; charset=utf-8"_kj;
};

kj::HttpServerSettings settings(kj::HttpServerErrorHandler& handler) {
  kj::HttpServerSettings settings;
  settings.headerTimeout = kHttpRequestMs * kj::MILLISECONDS;
  settings.pipelineTimeout = kHttpRequestMs * kj::MILLISECONDS;
  settings.canceledUploadGraceBytes = kHttpBodyBytesMax;
  settings.errorHandler = handler;
  return settings;
}

kj::AutoCloseFd boundTo(const quic::SocketAddress& address) {
  int fd = 0;
  int family = address.family == quic::SocketAddress::Family::ipv4 ? AF_INET : AF_INET6;
  KJ_SYSCALL(fd = ::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  kj::AutoCloseFd owned(fd);
  int yes = 1;
  KJ_SYSCALL(::setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof(yes)));
  quic::SystemAddress system(address);
  KJ_SYSCALL(::bind(fd, system.get(), system.length()), address.text().c_str());
  KJ_SYSCALL(::listen(fd, static_cast<int>(kHttpConnectionsMax)));
  return owned;
}

quic::SocketAddress addressOf(int fd) {
  sockaddr_storage storage{};
  socklen_t size = quic::SystemAddress::capacity();
  auto* raw = reinterpret_cast<sockaddr*>(&storage);
  KJ_SYSCALL(::getsockname(fd, raw, &size));
  return *quic::SystemAddress::read(raw, size);
}

Reply replyOf(Readiness::Verdict verdict) {
  std::string text = std::string(sentence(verdict)) + "\n";
  if (verdict == Readiness::Verdict::ready) return {200, "OK"_kj, std::move(text)};
  return {503, "Service Unavailable"_kj, std::move(text)};
}

kj::Promise<void> send(kj::HttpService::Response& response, const kj::HttpHeaderTable& table, kj::HttpMethod method,
                       Reply reply) {
  kj::HttpHeaders headers(table);
  headers.set(kj::HttpHeaderId::CONTENT_TYPE, reply.type);
  headers.add("Cache-Control", "no-store");
  if (reply.code == 405) headers.add("Allow", "GET, HEAD");
  auto out = response.send(reply.code, reply.status, headers, reply.text.size());
  if (method != kj::HttpMethod::HEAD) co_await out->write(reply.text.data(), reply.text.size());
}

}  // namespace

HttpFace::HttpFace(kj::Timer& timer, Readiness& readiness, Page metrics)
    : timer_(timer),
      readiness_(readiness),
      metrics_(kj::mv(metrics)),
      http_(timer, headers_, *this, settings(*this)),
      tasks_(*this) {}
HttpFace::~HttpFace() noexcept(false) = default;

quic::SocketAddress HttpFace::listen(kj::LowLevelAsyncIoProvider& provider, const quic::SocketAddress& address) {
  constexpr auto kFlags = kj::LowLevelAsyncIoProvider::TAKE_OWNERSHIP | kj::LowLevelAsyncIoProvider::ALREADY_NONBLOCK |
                          kj::LowLevelAsyncIoProvider::ALREADY_CLOEXEC;
  auto fd = boundTo(address);
  auto there = addressOf(fd.get());
  tasks_.add(acceptForEver(provider.wrapListenSocketFd(kj::mv(fd), kFlags)));
  return there;
}

kj::Promise<void> HttpFace::acceptForEver(kj::Own<kj::ConnectionReceiver> receiver) {
  for (;;) accept(co_await receiver->accept());
}

void HttpFace::accept(kj::Own<kj::AsyncIoStream> stream) {
  if (open_ >= kHttpConnectionsMax) return;
  tasks_.add(serve(kj::mv(stream)));
}

kj::Promise<void> HttpFace::serve(kj::Own<kj::AsyncIoStream> stream) {
  ++open_;
  KJ_DEFER(--open_);
  // A peer that speaks no HTTP, or goes away in the middle, is no event.
  co_await http_.listenHttp(kj::mv(stream))
      .exclusiveJoin(timer_.afterDelay(kHttpConnectionMs * kj::MILLISECONDS))
      .catch_([](kj::Exception&&) {});
}

kj::Promise<void> HttpFace::request(kj::HttpMethod method, kj::StringPtr url, const kj::HttpHeaders&,
                                    kj::AsyncInputStream&, Response& response) {
  std::string_view path(url.cStr());
  path = path.substr(0, path.find('?'));
  Reply reply{404, "Not Found"_kj, "there are /metrics, /healthz and /readyz\n"};
  if (method != kj::HttpMethod::GET && method != kj::HttpMethod::HEAD) {
    reply = {405, "Method Not Allowed"_kj, "nothing can be changed here\n"};
  } else if (path == "/metrics") {
    reply = {200, "OK"_kj, co_await metrics_(), "text/plain; version=0.0.4; charset=utf-8"_kj};
  } else if (path == "/readyz") {
    reply = replyOf(co_await readiness_.ask());
  } else if (path == "/healthz") {
    reply = {200, "OK"_kj, "ok\n"};
  }
  co_await send(response, headers_, method, std::move(reply));
}

kj::Promise<void> HttpFace::handleApplicationError(kj::Exception, kj::Maybe<Response&> response) {
  KJ_IF_MAYBE (open, response) {
    co_await send(*open, headers_, kj::HttpMethod::GET, {500, "Internal Server Error"_kj, "failed\n"});
  }
}

void HttpFace::taskFailed(kj::Exception&& exception) { KJ_LOG(ERROR, "the metrics' socket failed", exception); }

}  // namespace qpq::server
