#include <catch2/catch_test_macros.hpp>

#include "mls/group/model_scene_test.h"

// Random lives of groups, 2 050 steps in all: whatever happens in whatever order, there is one group and who is out
// stays out. `./dev fuzz mls-model` lives through many more.
namespace qpq::mls {
namespace {

using Happened = ModelScene::Happened;

Happened live(const crypto::Suite& suite, uint64_t seed, std::size_t membersMax, int steps) {
  INFO("seed " << seed);
  ModelScene model(suite, seed, membersMax);
  for (int i = 0; i < steps; ++i) model.step();
  model.settle();
  CHECK(model.happened().commits > steps / 20);
  return model.happened();
}

// Whether every fault has been met, and how often.
void checkAllMet(const std::vector<Happened>& lives) {
  auto sum = [&](int Happened::* what) {
    int total = 0;
    for (const Happened& life : lives) total += life.*what;
    return total;
  };
  CHECK(sum(&Happened::spoiled) >= 5);
  CHECK(sum(&Happened::lost) >= 5);
  CHECK(sum(&Happened::repaired) >= 5);
  CHECK(sum(&Happened::entered) >= 5);
  CHECK(sum(&Happened::left) >= 5);
  CHECK(sum(&Happened::updates) >= 20);
  CHECK(sum(&Happened::refused) >= 20);
  CHECK(sum(&Happened::missed) >= 50);
  CHECK(sum(&Happened::late) >= 50);
  CHECK(sum(&Happened::gaps) >= 20);
  CHECK(sum(&Happened::crashes) >= 100);
}

TEST_CASE("random groups never fork, through loss, races, reordering, restarts and a committer who lies") {
  std::vector<Happened> lives;
  for (uint64_t seed = 1; seed <= 6; ++seed) lives.push_back(live(crypto::kSuiteX25519, seed, 8, 300));
  checkAllMet(lives);
}

TEST_CASE("random larger groups, and groups of the product's suite, never fork") {
  live(crypto::kSuiteX25519, 7, 24, 150);
  live(crypto::kProductSuite, 8, 6, 100);
}

}  // namespace
}  // namespace qpq::mls
