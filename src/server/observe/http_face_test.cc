#include "server/observe/http_face.h"

#include <catch2/catch_test_macros.hpp>

#include "server/observe/limits.h"
#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

// A face over the services of a test's world, asked through pipes.
struct Scene {
  TestWorld world;
  loop::LoopWorker worker;
  Readiness readiness{world.services(), worker, world.folder.file(".")};
  HttpFace face{world.timer, readiness, []() -> kj::Promise<std::string> { return std::string("a_metric 1\n"); }};

  kj::Own<kj::AsyncIoStream> connect() {
    auto pipe = kj::newTwoWayPipe();
    face.accept(kj::mv(pipe.ends[0]));
    return kj::mv(pipe.ends[1]);
  }
  std::string ask(const std::string& request) {
    auto stream = connect();
    stream->write(request.data(), request.size()).wait(world.waitScope);
    stream->shutdownWrite();
    return stream->readAllText().wait(world.waitScope).cStr();
  }
  std::string get(const std::string& path) { return ask("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n"); }
};

bool isCode(const std::string& answer, int code) {
  return answer.starts_with("HTTP/1.1 " + std::to_string(code) + " ");
}

}  // namespace

TEST_CASE("metrics, health and readiness have a page each, and nothing else has") {
  Scene scene;
  auto metrics = scene.get("/metrics");
  CHECK(isCode(metrics, 200));
  CHECK(metrics.contains("text/plain; version=0.0.4"));
  CHECK(metrics.ends_with("\r\n\r\na_metric 1\n"));
  CHECK(isCode(scene.get("/metrics?x=y"), 200));
  CHECK(isCode(scene.get("/healthz"), 200));
  CHECK(scene.get("/readyz").ends_with("ready\n"));
  for (auto path : {"/", "/metric", "/metrics/", "/../metrics"}) CHECK(isCode(scene.get(path), 404));
}

TEST_CASE("only GET and HEAD are answered") {
  Scene scene;
  auto head = scene.ask("HEAD /metrics HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(isCode(head, 200));
  CHECK(head.ends_with("\r\n\r\n"));
  for (auto method : {"PUT", "DELETE", "POST"}) {
    auto refused = scene.ask(std::string(method) + " /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n");
    CHECK(isCode(refused, 405));
    CHECK(refused.contains("Allow: GET, HEAD"));
  }
  CHECK(isCode(scene.ask("what is this\r\n\r\n"), 501));
}

TEST_CASE("a request that never ends is hung up on") {
  Scene scene;
  auto stream = scene.connect();
  stream->write("GET /metrics HTTP/1.1\r\n", 23).wait(scene.world.waitScope);
  auto rest = stream->readAllText();
  CHECK(!rest.poll(scene.world.waitScope));
  scene.world.move(kHttpRequestMs);
  REQUIRE(rest.poll(scene.world.waitScope));
}

TEST_CASE("one that asks again and again is hung up on after its time, too") {
  Scene scene;
  auto stream = scene.connect();
  auto rest = stream->readAllText();
  constexpr uint64_t kEveryMs = 4 * kSecondMs;
  static_assert(kEveryMs < kHttpRequestMs);
  constexpr std::string_view kAsk = "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n";
  for (uint64_t ms = kEveryMs; ms < kHttpConnectionMs; ms += kEveryMs) {
    stream->write(kAsk.data(), kAsk.size()).wait(scene.world.waitScope);
    scene.world.move(kEveryMs);
    REQUIRE(!rest.poll(scene.world.waitScope));
  }
  scene.world.move(kEveryMs);
  CHECK(rest.poll(scene.world.waitScope));
}

TEST_CASE("headers without end cost a bounded amount of memory") {
  Scene scene;
  auto stream = scene.connect();
  std::string line = "X-Long: " + std::string(8'000, 'x') + "\r\n";
  auto flood = [&]() -> kj::Promise<void> {
    co_await stream->write("GET /metrics HTTP/1.1\r\n", 23);
    for (int i = 0; i < 1'000; ++i) co_await stream->write(line.data(), line.size());
  };
  // Long before eight megabytes are taken in it has had enough.
  CHECK_THROWS_AS(flood().wait(scene.world.waitScope), kj::Exception);
}

TEST_CASE("one connection more than the limit is hung up on, and a place that is left is free again") {
  Scene scene;
  std::vector<kj::Own<kj::AsyncIoStream>> idle;
  for (std::size_t i = 0; i < kHttpConnectionsMax; ++i) idle.push_back(scene.connect());
  CHECK(scene.connect()->readAllText().wait(scene.world.waitScope) == "");
  idle.pop_back();
  scene.world.settle();
  CHECK(isCode(scene.get("/healthz"), 200));
}

TEST_CASE("a server that is stopping is not ready, but alive") {
  Scene scene;
  scene.readiness.stopping();
  auto answer = scene.get("/readyz");
  CHECK(isCode(answer, 503));
  CHECK(answer.ends_with("stopping\n"));
  CHECK(isCode(scene.get("/healthz"), 200));
}
