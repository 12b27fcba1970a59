#include "server/memory_ceiling.h"

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <vector>

#include "server/limits.h"

using namespace qpq;
using namespace qpq::server;

namespace {

constexpr uint64_t kMax = 1000 << 20;
constexpr uint64_t kPercent = kMax / 100;

using Newcomers = std::vector<std::shared_ptr<void>>;

Newcomers admitAll(MemoryCeiling& ceiling) {
  Newcomers in;
  while (auto one = ceiling.admit()) in.push_back(std::move(one));
  return in;
}

constexpr std::size_t newcomersIn(uint64_t bytes) { return (bytes + kClientMemory - 1) / kClientMemory; }

}  // namespace

TEST_CASE("clients are let in below four fifths of the ceiling, and counted before they show") {
  MemoryCeiling ceiling(kMax);
  ceiling.look((kMemoryAdmitPercent - 1) * kPercent);
  Newcomers in = admitAll(ceiling);
  CHECK(in.size() == newcomersIn(kPercent));
  CHECK(ceiling.excess() == 0);
  ceiling.look((kMemoryAdmitPercent - 1) * kPercent);  // nothing has begun
  CHECK(ceiling.admit() == nullptr);
  in.clear();
  CHECK(ceiling.admit() == nullptr);  // what they have taken does not show before somebody looks
  ceiling.look(kMemoryAdmitPercent * kPercent);
  CHECK(ceiling.admit() == nullptr);
  ceiling.look(0);
  CHECK(ceiling.admit() != nullptr);
}

TEST_CASE("memory that is free is for newcomers, once") {
  MemoryCeiling ceiling(kMax);
  ceiling.look(85 * kPercent);
  CHECK(ceiling.admit() == nullptr);
  ceiling.countReusable(10 * kPercent);
  Newcomers in = admitAll(ceiling);
  CHECK(in.size() == newcomersIn(5 * kPercent));
  in.clear();
  ceiling.look(85 * kPercent);  // they have taken it, and nothing more is resident
  CHECK(ceiling.admit() == nullptr);
  CHECK(ceiling.isNear());
}

TEST_CASE("nobody has to go for memory that is free") {
  MemoryCeiling ceiling(kMax);
  ceiling.look((kMemoryShedPercent + 1) * kPercent);
  CHECK(ceiling.excess() == (kMemoryShedPercent + 1 - kMemoryAdmitPercent) * kPercent);
  ceiling.countReusable(kPercent);
  CHECK(ceiling.excess() == 0);
}

TEST_CASE("free memory is given back only near the ceiling, and only if there is enough of it") {
  MemoryCeiling ceiling(kMax);
  constexpr uint64_t kWorthIt = (100 - kMemoryGiveBackPercent) * kPercent;
  ceiling.look((kMemoryGiveBackPercent + 1) * kPercent);
  CHECK(!ceiling.isTight());  // nothing is free: it would be looked for at every look
  ceiling.countReusable(kWorthIt - 1);
  CHECK(!ceiling.isTight());
  ceiling.countReusable(kWorthIt);
  CHECK(ceiling.isTight());
  ceiling.look(kMemoryGiveBackPercent * kPercent);
  CHECK(!ceiling.isTight());
}

TEST_CASE("free memory that was given back is not counted as if it were there") {
  MemoryCeiling ceiling(kMax);
  ceiling.look(96 * kPercent);
  ceiling.look(85 * kPercent);  // for another reason
  ceiling.countReusable(6 * kPercent);
  CHECK(ceiling.admit() != nullptr);

  ceiling.look(96 * kPercent);
  ceiling.countReusable(11 * kPercent);
  ceiling.noteGivingBack();
  ceiling.look(85 * kPercent);
  ceiling.countReusable(11 * kPercent);
  CHECK(ceiling.admit() == nullptr);
  CHECK(!ceiling.isTight());
  ceiling.countReusable(17 * kPercent);  // six more have become free
  CHECK(ceiling.admit() != nullptr);
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
