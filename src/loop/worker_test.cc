#include "loop/worker.h"

#include <kj/async-io.h>
#include <kj/debug.h>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

namespace qpq::loop {
namespace {

TEMPLATE_TEST_CASE("a worker runs jobs in order and hands back what they return", "", ThreadWorker, LoopWorker) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  TestType worker;
  std::vector<int> ran;
  auto first = worker.run([&ran]() { ran.push_back(1); });
  auto second = worker.run([&ran]() {
    ran.push_back(2);
    return std::string("two");
  });
  CHECK(second.wait(io.waitScope) == "two");
  first.wait(io.waitScope);
  CHECK(ran == std::vector{1, 2});
}

TEMPLATE_TEST_CASE("a job runs to its end though nobody waits for it", "", ThreadWorker, LoopWorker) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  TestType worker;
  bool ran = false;
  {
    auto dropped = worker.run([&ran]() { ran = true; });
  }
  worker.run([]() {}).wait(io.waitScope);
  CHECK(ran);
}

TEMPLATE_TEST_CASE("an exception in a job arrives as one and harms no other job", "", ThreadWorker, LoopWorker) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  TestType worker;
  auto failing = worker.run([]() -> int { KJ_FAIL_REQUIRE("disk on fire"); });
  auto next = worker.run([]() { return 7; });
  CHECK_THROWS_AS(failing.wait(io.waitScope), kj::Exception);
  CHECK(next.wait(io.waitScope) == 7);
}

TEMPLATE_TEST_CASE("move-only results cross", "", ThreadWorker, LoopWorker) {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  TestType worker;
  CHECK(*worker.run([]() { return std::make_unique<int>(3); }).wait(io.waitScope) == 3);
}

TEST_CASE("a thread worker that goes away first finishes what it was given") {
  kj::AsyncIoContext io = kj::setupAsyncIo();
  int ran = 0;
  {
    ThreadWorker worker;
    for (int i = 0; i < 100; ++i) auto dropped = worker.run([&ran]() { ++ran; });
  }
  CHECK(ran == 100);
}

}  // namespace
}  // namespace qpq::loop
