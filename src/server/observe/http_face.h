#pragma once

#include <kj/async-io.h>
#include <kj/compat/http.h>
#include <kj/timer.h>

#include <string>

#include "quic/address.h"
#include "server/observe/readiness.h"

namespace qpq::server {

// What the server shows of itself over plain HTTP: /metrics, /healthz (the loop turns) and /readyz. Nothing else is
// there, nothing can be changed through it, and no person, device or conversation is named.
class HttpFace final: private kj::HttpService, private kj::HttpServerErrorHandler, private kj::TaskSet::ErrorHandler {
 public:
  using Page = kj::Function<kj::Promise<std::string>()>;

  // All outlive it.
  HttpFace(kj::Timer& timer, Readiness& readiness, Page metrics);
  ~HttpFace() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(HttpFace);

  // At the address from now on; where it is in fact, for port 0. Throws a kj::Exception if it cannot be bound.
  quic::SocketAddress listen(kj::LowLevelAsyncIoProvider& provider, const quic::SocketAddress& address);
  // For connections that come otherwise.
  void accept(kj::Own<kj::AsyncIoStream> stream);

 private:
  kj::Promise<void> acceptForEver(kj::Own<kj::ConnectionReceiver> receiver);
  kj::Promise<void> serve(kj::Own<kj::AsyncIoStream> stream);
  kj::Promise<void> request(kj::HttpMethod method, kj::StringPtr url, const kj::HttpHeaders& headers,
                            kj::AsyncInputStream& body, Response& response) override;
  // A peer can cause these, so they are no event; and it is told no more than that it failed.
  kj::Promise<void> handleApplicationError(kj::Exception exception, kj::Maybe<Response&> response) override;
  void taskFailed(kj::Exception&& exception) override;

  kj::Timer& timer_;
  Readiness& readiness_;
  Page metrics_;
  kj::HttpHeaderTable headers_;
  kj::HttpServer http_;
  std::size_t open_ = 0;
  kj::TaskSet tasks_;
};

}  // namespace qpq::server
