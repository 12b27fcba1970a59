#include <catch2/catch_test_macros.hpp>
#include <string>

#include "data_folder.h"
#include "greedy_reader.h"
#include "honest_users.h"
#include "initial_flood.h"
#include "peak_memory.h"
#include "server_process.h"
#include "slow_connections.h"

// What `./dev bench attack` measures, small: a real server under attack keeps its ceiling, and honest people are heard.
namespace qpq::bench {
namespace {

constexpr double kSeconds = 2;
constexpr std::size_t kUsers = 4;
constexpr std::size_t kMessages = 20 * kUsers;  // ten a second of each

class UnderAttack {
 public:
  explicit UnderAttack(uint64_t queuedEntries = 0): queued(queuedEntries) {
    Seeder seeder(folder_ / "server", clients.random, clients.clock.now());
    honest_ = seedPeople(seeder, "honest", kUsers);
    greedy = seedPeople(seeder, "greedy", 1, queued, kEntrySize);
    seeder.finish();
    // Whatever build this is: room for several hundred clients, and not for what those who read nothing leave unread.
    ceilingMiB_ = static_cast<uint64_t>(ServerProcess(folder_ / "server").residentKiB() / 1024) + 128;
    server.emplace(folder_ / "server",
                   ServerProcess::Options{.further = {"--memory-max-mib", std::to_string(ceilingMiB_)}});
    users_ = clients.wait(HonestUsers::comeIn(clients, server->address(), honest_));
    peak_.emplace(clients, *server);
  }

  void everyoneIsHeard() {
    auto heard = clients.wait(users_->talk(kSeconds));
    CHECK(heard.refused == 0);
    CHECK(heard.appendUs.size() == kMessages);
    CHECK(heard.pushUs.size() == kMessages);
    CHECK(peak_->kiB() < static_cast<double>(ceilingMiB_ * 1024));
  }

  static constexpr std::size_t kEntrySize = 60 * 1024;
  ClientLoop clients;
  const uint64_t queued;
  Members greedy;
  std::optional<ServerProcess> server;

 private:
  DataFolder folder_{"attack-test"};
  Members honest_;
  uint64_t ceilingMiB_ = 0;
  kj::Own<HonestUsers> users_;
  std::optional<PeakMemory> peak_;
};

TEST_CASE("beside Initials that lead nowhere everyone is heard, and memory keeps to its ceiling") {
  UnderAttack scene;
  InitialFlood flood(scene.clients, scene.server->address(), 300);
  flood.begin(3'000);
  scene.everyoneIsHeard();
  CHECK(flood.sent() > 1'000);
}

TEST_CASE("beside connections that only cost everyone is heard, and memory keeps to its ceiling") {
  UnderAttack scene;
  SlowConnections slow(scene.server->address(), 600);
  scene.everyoneIsHeard();
  while (!slow.haveAllTried()) scene.everyoneIsHeard();
  CHECK(slow.held() > 10);
  scene.everyoneIsHeard();
}

TEST_CASE("beside a user who fetches all that lies there everyone is heard, and memory keeps to its ceiling") {
  UnderAttack scene(3'000);  // more than the ceiling leaves
  GreedyReader greedy(scene.server->address(), scene.greedy.front(), scene.queued);
  scene.everyoneIsHeard();
  CHECK(greedy.bytes() > UnderAttack::kEntrySize);
  CHECK(greedy.pushed() > 1);
}

}  // namespace
}  // namespace qpq::bench
