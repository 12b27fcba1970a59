#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "mls/group/model_scene_test.h"

// Random lives of groups: whatever happens in whatever order, there is one group and who is out stays out.
namespace qpq::mls {
namespace {

void live(const crypto::Suite& suite, uint64_t seed, std::size_t membersMax, int steps) {
  INFO("seed " << seed);
  ModelScene model(suite, seed, membersMax);
  for (int i = 0; i < steps; ++i) model.step();
  model.settle();
  CHECK(model.commits() > static_cast<std::size_t>(steps) / 20);
}

TEST_CASE("random groups never fork, through loss, races, reordering, restarts and a committer who lies") {
  live(crypto::kSuiteX25519, GENERATE(1U, 2U, 3U, 4U, 5U, 6U), 8, 300);
}

TEST_CASE("random larger groups, and groups of the product's suite, never fork") {
  live(crypto::kSuiteX25519, 7, 24, 150);
  live(crypto::kProductSuite, 8, 6, 100);
}

}  // namespace
}  // namespace qpq::mls
