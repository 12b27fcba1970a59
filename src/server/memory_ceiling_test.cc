#include "server/memory_ceiling.h"

#include <catch2/catch_test_macros.hpp>

#include "server/limits.h"

using namespace qpq;
using namespace qpq::server;

namespace {

constexpr uint64_t kMax = 1000 << 20;
constexpr uint64_t kPercent = kMax / 100;

}  // namespace

TEST_CASE("clients are let in below four fifths of the ceiling, and counted before they show") {
  MemoryCeiling ceiling(kMax);
  ceiling.look((kMemoryAdmitPercent - 1) * kPercent);
  std::size_t admitted = 0;
  while (ceiling.admit()) ++admitted;
  CHECK(admitted == (kPercent + kClientMemory - 1) / kClientMemory);
  CHECK(ceiling.excess() == 0);
  ceiling.look(kMemoryAdmitPercent * kPercent);
  CHECK(!ceiling.admit());
  ceiling.look(0);
  CHECK(ceiling.admit());
}

TEST_CASE("memory that is free and not given back is for newcomers, once") {
  MemoryCeiling ceiling(kMax);
  ceiling.look(85 * kPercent);
  CHECK(!ceiling.admit());
  ceiling.countReusable(10 * kPercent);
  std::size_t admitted = 0;
  while (ceiling.admit()) ++admitted;
  CHECK(admitted == (5 * kPercent + kClientMemory - 1) / kClientMemory);
  ceiling.look(85 * kPercent);  // they have taken it, and nothing more is resident
  CHECK(!ceiling.admit());
  CHECK(ceiling.isNear());
  ceiling.look((kMemoryShedPercent + 1) * kPercent);
  CHECK(ceiling.excess() == (kMemoryShedPercent + 1 - kMemoryAdmitPercent) * kPercent);
}

TEST_CASE("what is above the mark is to go down to where clients are let in again") {
  MemoryCeiling ceiling(kMax);
  ceiling.look(kMemoryShedPercent * kPercent);
  CHECK(ceiling.excess() == 0);
  ceiling.look(kMemoryShedPercent * kPercent + 1);
  CHECK(ceiling.excess() == (kMemoryShedPercent - kMemoryAdmitPercent) * kPercent + 1);
  CHECK(ceiling.budget() == Budget{"memory", kMemoryShedPercent * kPercent + 1, kMax});
}

TEST_CASE("what this process occupies is known") { CHECK(residentBytes() > 1 << 20); }
