#include "server/rate.h"

#include <catch2/catch_test_macros.hpp>

using namespace qpq;
using namespace qpq::server;

namespace {
const Bytes kAlice{1};
const Bytes kBob{2};
}  // namespace

TEST_CASE("a burst passes, the next waits for one refill") {
  RateTable table(Rate{3, 1'000});
  Instant now{1'000'000};
  for (int i = 0; i < 3; ++i) CHECK(table.take(kAlice, now) == 0);
  CHECK(table.take(kAlice, now) == 1'000);
  CHECK(table.take(kAlice, now + 400) == 600);
  CHECK(table.take(kBob, now) == 0);
  CHECK(table.take(kAlice, now + 1'000) == 0);
  CHECK(table.take(kAlice, now + 1'000) == 1'000);
}

TEST_CASE("asking again and again does not put the refill off") {
  RateTable table(Rate{1, 1'000});
  Instant now{5'000};
  REQUIRE(table.take(kAlice, now) == 0);
  for (uint64_t ms = 100; ms < 1'000; ms += 100) CHECK(table.take(kAlice, now + ms) == 1'000 - ms);
  CHECK(table.take(kAlice, now + 1'000) == 0);
}

TEST_CASE("a clock set back gives nothing and takes nothing") {
  RateTable table(Rate{2, 1'000});
  Instant now{1'000'000};
  REQUIRE(table.take(kAlice, now) == 0);
  CHECK(table.take(kAlice, now - 500'000) == 0);
  CHECK(table.take(kAlice, now - 500'000) > 0);
  CHECK(table.take(kAlice, now + 2'000) == 0);
}

TEST_CASE("behind a clock that was a year ahead nobody waits for a year") {
  RateTable table(Rate{2, 1'000});
  Instant now{1'000'000}, ahead = now + 365 * kDayMs;
  REQUIRE(table.take(kAlice, ahead) == 0);
  REQUIRE(table.take(kAlice, ahead) == 0);
  CHECK(table.take(kAlice, now) == 1'000);
  CHECK(table.take(kAlice, now + 999) == 1);
  CHECK(table.take(kAlice, now + 1'000) == 0);
  CHECK(table.take(kAlice, now + 1'000) == 1'000);
}

TEST_CASE("a quantity comes back in portions and one above the capacity never fits") {
  RateTable table(100, 10, 16, 5);
  Instant now{1'000};
  CHECK(table.take(kAlice, now, 100) == 0);
  CHECK(table.used(kAlice, now) == 100);
  CHECK(table.take(kAlice, now, 10) == 20);
  CHECK(table.used(kAlice, now + 20) == 90);
  CHECK(table.take(kAlice, now + 20, 10) == 0);
  CHECK(table.take(kBob, now, 101) > 0);
  CHECK(table.used(kBob, now) == 0);
}

TEST_CASE("draining takes what is there") {
  RateTable table(10, 1'000, 16);
  table.drain(kAlice, {0}, 25);
  CHECK(table.used(kAlice, {0}) == 10);
  CHECK(table.take(kAlice, {0}) == 1'000);
}

TEST_CASE("a full table forgets the key that has been quiet longest") {
  RateTable table(1, 1'000'000, 2);
  REQUIRE(table.take(Bytes{1}, {0}) == 0);
  REQUIRE(table.take(Bytes{2}, {0}) == 0);
  CHECK(table.take(Bytes{1}, {0}) > 0);
  REQUIRE(table.take(Bytes{3}, {0}) == 0);
  CHECK(table.take(Bytes{1}, {0}) > 0);
  CHECK(table.take(Bytes{2}, {0}) == 0);
}
