#include <catch2/catch_test_macros.hpp>
#include <vector>

#include "quic/alarm.h"
#include "quic/world_test.h"

namespace qpq::quic::test {
namespace {

TEST_CASE("a year of waiting takes no time, and things happen in order") {
  VirtualTime time;
  kj::EventLoop loop(time);
  kj::WaitScope scope(loop);
  std::vector<int> order;
  auto note = [&](int n, kj::Duration after) {
    return time.timer().afterDelay(after).then([&order, n]() { order.push_back(n); }).eagerlyEvaluate(nullptr);
  };
  auto third = note(3, 365 * kj::DAYS);
  auto first = note(1, 1 * kj::NANOSECONDS);
  auto second = note(2, 1 * kj::HOURS);
  third.wait(scope);
  CHECK(order == std::vector<int>{1, 2, 3});
}

TEST_CASE("waiting for what nothing will bring is an error and not a hang") {
  VirtualTime time;
  kj::EventLoop loop(time);
  kj::WaitScope scope(loop);
  CHECK_THROWS_AS(kj::Promise<void>(kj::NEVER_DONE).wait(scope), kj::Exception);
}

TEST_CASE("an alarm rings at the earliest moment asked for, and may be set again while it rings") {
  World world;
  std::vector<int64_t> rang;
  auto begin = world.time.timer().now();
  Alarm* self = nullptr;
  Alarm alarm(world.time.timer(), [&]() {
    rang.push_back((world.time.timer().now() - begin) / kj::SECONDS);
    if (rang.size() < 4) {
      self->ringBy(world.time.timer().now() + 50 * kj::SECONDS);
      self->ringBy(world.time.timer().now() + 2 * kj::SECONDS);
      self->ringBy(world.time.timer().now() + 90 * kj::SECONDS);
    }
  });
  self = &alarm;
  alarm.ringBy(begin + 10 * kj::SECONDS);
  alarm.ringBy(begin + 5 * kj::SECONDS);
  alarm.ringBy(begin + 20 * kj::SECONDS);
  world.pass(1 * kj::HOURS);
  CHECK(rang == std::vector<int64_t>{5, 7, 9, 11});
}

TEST_CASE("the same seed makes the same network") {
  auto run = [](uint64_t seed) {
    World world(seed);
    world.network.setWeather({.lossPerMille = 300, .duplicatePerMille = 200, .reorderPerMille = 300});
    auto from = world.network.bind(SocketAddress::ipv4({10, 1, 1, 1}, 1));
    auto to = world.network.bind(SocketAddress::ipv4({10, 1, 1, 2}, 2));
    Bytes seen;
    for (uint8_t i = 0; i < 100; ++i) {
      Bytes payload{i};
      OutgoingDatagrams one{
          .local = from->localAddress(), .remote = to->localAddress(), .payload = payload, .segmentSize = 1};
      from->send({&one, 1});
    }
    world.pass(1 * kj::SECONDS);
    while (to->receive([&](const IncomingDatagram& d) { seen.push_back(d.payload[0]); }) == UdpSocket::Received::more) {
    }
    return seen;
  };
  CHECK(run(1) == run(1));
  CHECK(run(1) != run(2));
  auto seen = run(1);
  CHECK_FALSE(std::ranges::is_sorted(seen));
  CHECK(seen.size() > 50);
}

TEST_CASE("coroutines chain, throw, and are gone when their promise is dropped") {
  World world;
  auto& timer = world.time.timer();
  int alive = 0;
  struct Guest {
    explicit Guest(int& n): count(n) { ++count; }
    ~Guest() { --count; }
    int& count;
  };
  auto one = [&](int n) -> kj::Promise<int> {
    Guest guest(alive);
    co_await timer.afterDelay(1 * kj::SECONDS);
    KJ_REQUIRE(n != 13, "unlucky");
    co_return n;
  };
  auto chain = [&](int last) -> kj::Promise<int> {
    Guest guest(alive);
    int sum = 0;
    for (int i = 1; i <= 3; ++i) sum += co_await one(i);
    sum += co_await kj::Promise<int>(10);
    sum += co_await one(last);
    co_return sum;
  };
  CHECK(chain(4).wait(world.scope) == 20);
  CHECK_THROWS_AS(chain(13).wait(world.scope), kj::Exception);
  CHECK(alive == 0);
  {
    auto dropped = chain(4);
    CHECK_FALSE(dropped.poll(world.scope));
    CHECK(alive == 2);
  }
  CHECK(alive == 0);
  auto sooner = chain(4).exclusiveJoin(timer.afterDelay(1 * kj::MILLISECONDS).then([]() { return 5; }));
  CHECK(sooner.wait(world.scope) == 5);
  CHECK(alive == 0);
}

}  // namespace
}  // namespace qpq::quic::test
