// The model of src/mls/group/model_scene_test.h for as long as one likes:
//
//   mls-model [OPERATIONS [SEED]]
//
// Groups live one after the other, some hundred operations each, until there have been so many. A group's seed decides
// everything about it and is printed if a promise is broken: `mls-model 1 SEED` lives through that group alone.
#include <charconv>
#include <cstdio>
#include <exception>
#include <print>
#include <random>
#include <string_view>

#include "mls/group/model_scene_test.h"

using namespace qpq;
using namespace qpq::mls;
using Happened = ModelScene::Happened;

namespace {

// What a group's seed says of it, besides all that happens in it.
struct Shape {
  const crypto::Suite* suite;
  std::size_t membersMax;
  int operations;

  explicit Shape(uint64_t seed) {
    test::SeededRandom random(~seed);
    static constexpr const crypto::Suite* kSuites[] = {&crypto::kSuiteX25519, &crypto::kSuiteX25519,
                                                       &crypto::kSuites[1], &crypto::kProductSuite};
    suite = kSuites[random.below(std::size(kSuites))];
    membersMax = 2 + random.below(1 + random.below(63));
    operations = static_cast<int>(150 + random.below(200));
  }
};

constexpr int Happened::* kCounts[] = {&Happened::commits,  &Happened::said,    &Happened::spoiled, &Happened::lost,
                                       &Happened::repaired, &Happened::entered, &Happened::left,    &Happened::updates,
                                       &Happened::refused,  &Happened::missed,  &Happened::late,    &Happened::gaps,
                                       &Happened::crashes};

void add(Happened& sum, const Happened& more) {
  sum.members = std::max(sum.members, more.members);
  for (int Happened::* count : kCounts) sum.*count += more.*count;
}

Happened live(const Shape& shape, uint64_t seed) {
  ModelScene model(*shape.suite, seed, shape.membersMax);
  for (int i = 0; i < shape.operations; ++i) model.step();
  model.settle();
  return model.happened();
}

uint64_t number(const char* text, uint64_t otherwise) {
  if (text == nullptr) return otherwise;
  std::string_view digits = text;
  uint64_t value = 0;
  auto [end, error] = std::from_chars(digits.begin(), digits.end(), value);
  if (error != std::errc() || end != digits.end()) {
    std::println(stderr, "usage: mls-model [OPERATIONS [SEED]]");
    std::exit(2);
  }
  return value;
}

}  // namespace

int main(int count, char** words) {
  uint64_t wanted = number(count > 1 ? words[1] : nullptr, 100'000);
  uint64_t first = number(count > 2 ? words[2] : nullptr, std::random_device()());
  std::println("seed {}", first);
  Happened sum;
  uint64_t done = 0;
  uint64_t seed = first;
  for (; done < wanted; ++seed) {
    Shape shape(seed);
    try {
      add(sum, live(shape, seed));
    } catch (const std::exception& broken) {
      std::println(stderr, "broken: {}\nagain: mls-model 1 {}", broken.what(), seed);
      return 1;
    }
    done += static_cast<uint64_t>(shape.operations);
  }
  std::println(
      "{} operations in {} groups of at most {} members: {} commits, {} messages ({} late, {} never delivered, "
      "{} beyond the forward limit until a gap was told), {} updates, {} left, {} entered, {} sent too late, "
      "{} commits sealed wrong to {} members ({} added again), {} crashes, 0 promises broken",
      done, seed - first, sum.members, sum.commits, sum.said, sum.late, sum.missed, sum.gaps, sum.updates, sum.left,
      sum.entered, sum.refused, sum.spoiled, sum.lost, sum.repaired, sum.crashes);
  return 0;
}
