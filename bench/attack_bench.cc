// What do honest people notice of an attack on their server? A real qpq-server on a core of its own with a ceiling of
// memory; on the other, people who each send a message every tenth of a second, first alone and then beside: a flood of
// Initials that lead nowhere, ten thousand connections that only cost, one user who fetches gigabytes. The rows say how
// much longer a message takes then. Above the ceiling, or with an honest user refused, it exits 1.

#include <kj/debug.h>

#include <cstdio>
#include <format>
#include <functional>

#include "data_folder.h"
#include "greedy_reader.h"
#include "honest_users.h"
#include "initial_flood.h"
#include "peak_memory.h"
#include "report.h"
#include "samples.h"
#include "server_floors.h"
#include "server_process.h"
#include "slow_connections.h"

namespace qpq::bench {
namespace {

constexpr std::size_t kEntrySize = 60 * 1024;  // of what lies queued: below the 64 KiB of a call
constexpr double kRatioMax = 2;

class AttackBench {
 public:
  AttackBench(int argc, char** argv)
      : report_("attack", argc, argv,
                {{"ceiling-mib", ceilingMiB_},
                 {"datagrams-per-second", datagramsPerSecond_},
                 {"connections", connections_},
                 {"queued-mib", queuedMiB_},
                 {"users", users_}}),
        folder_("attack"),
        core_(keepApart()) {}

  // Whether the ceiling held and nobody honest was refused.
  bool run() {
    measureServerFloors(report_, folder_);
    flood();
    slow();
    greedy();
    return isHeld_;
  }

 private:
  struct Scene {
    Scene(AttackBench& bench, std::string_view store, const Members& honest)
        : bench(bench),
          server(bench.folder_ / std::string(store),
                 {.core = bench.core_, .further = {"--memory-max-mib", std::to_string(bench.ceilingMiB_)}}),
          users(bench.clients_.wait(HonestUsers::comeIn(bench.clients_, server.address(), honest))),
          peak(bench.clients_, server) {
      bench.clients_.wait(users->talk(1));  // untimed
      alone = talk();
    }

    struct Heard {
      HonestUsers::Heard heard;
      double serverShare;  // of its core
    };
    Heard talk() {
      double seconds = static_cast<double>(bench.report_.pick(10, 1));
      double before = server.cpuUs(), begun = wallUs();
      auto heard = bench.clients_.wait(users->talk(seconds));
      return {std::move(heard), (server.cpuUs() - before) / (wallUs() - begun)};
    }

    AttackBench& bench;
    ServerProcess server;
    kj::Own<HonestUsers> users;
    PeakMemory peak;
    Heard alone;
  };
  using Figures = std::vector<std::pair<std::string_view, double>>;

  Members seed(std::string_view store, const std::function<void(Seeder&)>& more = [](Seeder&) {}) {
    Seeder seeder(folder_ / std::string(store), clients_.random, clients_.clock.now());
    Members honest = seedPeople(seeder, "honest", report_.pick<std::size_t>(users_, 4));
    more(seeder);
    seeder.finish();
    return honest;
  }

  void flood() {
    report_.section("beside a flood of Initials that lead nowhere");
    Members honest = seed("flood");
    Scene scene(*this, "flood", honest);
    InitialFlood attack(clients_, scene.server.address(), report_.pick<std::size_t>(4'000, 200));
    attack.begin(datagramsPerSecond_);
    double begun = wallUs();
    auto beside = scene.talk();
    double perSecond = static_cast<double>(attack.sent()) / (wallUs() - begun) * 1e6;
    attack.end();
    tell(scene, "initials", beside, {{"datagrams_per_s", perSecond}});
    tellMemory(scene, "initials");
  }

  void slow() {
    report_.section("beside connections that only cost");
    Members honest = seed("slow");
    Scene scene(*this, "slow", honest);
    SlowConnections attack(scene.server.address(), report_.pick<uint64_t>(connections_, 200));
    auto coming = scene.talk();
    tell(scene, "slow_coming", coming, {{"held", static_cast<double>(attack.held())}});
    // A server that is full answers some of them nothing at all, and they wait for their handshakes' end.
    for (int tenths = 0; !attack.haveAllTried() && tenths < 450; ++tenths) {
      clients_.wait(clients_.timer.afterDelay(100 * kj::MILLISECONDS));
    }
    auto there = scene.talk();
    tell(scene, "slow_there", there,
         {{"held", static_cast<double>(attack.held())}, {"refused", static_cast<double>(attack.refused())}});
    tellMemory(scene, "slow");
  }

  void greedy() {
    const uint64_t entries = report_.pick<uint64_t>(queuedMiB_, 64) * 1024 * 1024 / kEntrySize;
    report_.section("beside a user who fetches all that lies there for them");
    Members one;
    double begun = wallUs();
    Members honest =
        seed("greedy", [&](Seeder& seeder) { one = seedPeople(seeder, "greedy", 1, entries, kEntrySize); });
    report_.note(std::format("seeded {} MiB in {:.0f} s", entries * kEntrySize >> 20, (wallUs() - begun) / 1e6));
    Scene scene(*this, "greedy", honest);
    GreedyReader attack(scene.server.address(), one.front(), entries);
    auto beside = scene.talk();
    tell(scene, "greedy", beside,
         {{"queued_mib", static_cast<double>(entries * kEntrySize >> 20)},
          {"read_mib", static_cast<double>(attack.bytes() >> 20)},
          {"pushed_mib", static_cast<double>(attack.pushed() * kEntrySize >> 20)}});
    tellMemory(scene, "greedy");
  }

  void tell(const Scene& scene, std::string attack, const Scene::Heard& beside, const Figures& more) {
    auto row = [&](std::string name, const std::vector<double>& alone, const std::vector<double>& with) {
      if (with.empty()) return;
      Figures figures{{"alone_p50", quantile(alone, 0.5)},    {"alone_p99", quantile(alone, 0.99)},
                      {"p50", quantile(with, 0.5)},           {"p99", quantile(with, 0.99)},
                      {"alone_cpu", scene.alone.serverShare}, {"cpu", beside.serverShare}};
      figures.insert(figures.end(), more.begin(), more.end());
      report_.add(against({Goal::Is::atMost, kRatioMax}, {.name = std::move(name),
                                                          .n = report_.pick<uint64_t>(users_, 4),
                                                          .operations = with.size(),
                                                          .value = quantile(with, 0.99) / quantile(alone, 0.99),
                                                          .unit = "x",
                                                          .durability = folder_.durability(),
                                                          .keys = {{"beside", attack}},
                                                          .figures = std::move(figures)}));
    };
    row("append_p99", scene.alone.heard.appendUs, beside.heard.appendUs);
    row("push_p99", scene.alone.heard.pushUs, beside.heard.pushUs);
    auto refused = static_cast<double>(scene.alone.heard.refused + beside.heard.refused);
    isHeld_ &= refused == 0;
    report_.add(against({Goal::Is::atMost, 0},
                        {.name = "honest_refused", .value = refused, .unit = "", .keys = {{"beside", attack}}}));
  }

  void tellMemory(const Scene& scene, std::string attack) {
    Goal goal{Goal::Is::atMost, static_cast<double>(ceilingMiB_)};
    double peak = scene.peak.kiB() / 1024;
    isHeld_ &= goal.isMetBy(peak);
    report_.add(against(goal, {.name = "rss_max", .value = peak, .unit = "MiB", .keys = {{"beside", attack}}}));
  }

  uint64_t ceilingMiB_ = 512;
  uint64_t datagramsPerSecond_ = 20'000;
  uint64_t connections_ = 10'000;
  uint64_t queuedMiB_ = 10'240;
  uint64_t users_ = 32;
  bool isHeld_ = true;

  Report report_;
  DataFolder folder_;
  const std::optional<uint32_t> core_;
  ClientLoop clients_;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    return qpq::bench::AttackBench(argc, argv).run() ? 0 : 1;
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_attack: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
