#include "loop/turns.h"

#include <catch2/catch_test_macros.hpp>
#include <vector>

using qpq::loop::Turns;

namespace {

struct Scene {
  kj::EventLoop loop;
  kj::WaitScope waitScope{loop};
  Turns<int> turns;
  std::vector<kj::Maybe<kj::Own<Turns<int>::Turn>>> held;
  std::vector<kj::Promise<void>> asking;

  void ask(int key = 0) {
    std::size_t number = held.size();
    held.emplace_back();
    asking.push_back(turns.take(key)
                         .then([this, number](kj::Own<Turns<int>::Turn> turn) { held[number] = kj::mv(turn); })
                         .eagerlyEvaluate(nullptr));
    waitScope.poll();
  }
  void leave(std::size_t number) {
    held[number] = nullptr;
    waitScope.poll();
  }
  bool has(std::size_t number) const { return held[number] != nullptr; }
};

}  // namespace

TEST_CASE("turns come one at a time, in the order in which they were asked for") {
  Scene scene;
  for (int i = 0; i < 3; ++i) scene.ask();
  CHECK((scene.has(0) && !scene.has(1) && !scene.has(2)));
  scene.leave(0);
  CHECK((scene.has(1) && !scene.has(2)));
  scene.leave(1);
  CHECK(scene.has(2));
  scene.leave(2);
  scene.ask();
  CHECK(scene.has(3));
}

TEST_CASE("whoever no longer waits is passed over, and the turn is lost to nobody") {
  Scene scene;
  for (int i = 0; i < 4; ++i) scene.ask();
  scene.asking[1] = kj::READY_NOW;
  scene.leave(0);
  CHECK(scene.has(2));
  // Given, but dropped before it was received.
  scene.held[2] = nullptr;
  scene.asking[3] = kj::READY_NOW;
  scene.waitScope.poll();
  scene.ask();
  CHECK(scene.has(4));
}

TEST_CASE("nobody waits for the turns of another key") {
  Scene scene;
  scene.ask(1);
  scene.ask(1);
  scene.ask(2);
  CHECK((scene.has(0) && !scene.has(1) && scene.has(2)));
}
