// What does one delivery cost the server? A log with a thousand followers, each a device on a connection of its own; a
// message is one insert and then a push to each of them, which each answers. With a window of one the next message is
// appended when the last follower has the one before; with sixteen, so many are appended at once, and those that become
// durable together share pushes and packets.

#include <kj/debug.h>

#include <cstdio>
#include <format>
#include <vector>

#include "crowd.h"
#include "data_folder.h"
#include "report.h"
#include "samples.h"
#include "server/limits.h"
#include "server_floors.h"
#include "server_process.h"

namespace qpq::bench {
namespace {

constexpr std::size_t kSize = 256;
// Of one device, all at once.
constexpr uint64_t kBurst = server::kMessagesPerDevice.burst;

class FanoutBench {
 public:
  FanoutBench(int argc, char** argv)
      : report_("fanout", argc, argv),
        folder_("fanout"),
        core_(keepApart()),
        followers_(report_.pick<std::size_t>(1000, 50)),
        senders_(report_.pick<std::size_t>(16, 2)) {}

  void run() {
    measureServerFloors(report_, folder_);
    Seeder seeder(folder_ / "server", clients_.random, clients_.clock.now());
    Members members = seedGroup(seeder, "member", followers_ + senders_);
    seeder.finish();
    ServerProcess server(folder_ / "server", {.core = core_});
    Devices devices = clients_.wait(resumeAll(clients_, server.address(), members));
    clients_.wait(forEach(followers_, kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->follow(1, given_); }));
    report_.section(std::format("messages of {} B to {} followers", kSize, followers_));
    auto* senders = devices.data() + followers_;
    std::size_t half = senders_ / 2;
    measure(server, std::span(senders, half), 1, {Goal::Is::atMost, 18});
    measure(server, std::span(senders + half, senders_ - half), 16, {Goal::Is::atMost, 8});
  }

 private:
  kj::Promise<void> appendAll(LeanDevice& sender, uint64_t window) {
    co_await forEach(window, window, [&](uint64_t) { return sender.append(kSize); });
    appended_ += window;
    co_await given_.reached(appended_ * followers_);
  }

  // A round for each sender: what its burst allows.
  void measure(const ServerProcess& server, std::span<kj::Own<LeanDevice>> senders, uint64_t window, const Goal& goal) {
    const uint64_t times = report_.pick(kBurst / window - 1, uint64_t{2});
    std::vector<double> eachUs, serverUs, entriesPerPush;
    for (auto& sender : senders) {
      clients_.wait(appendAll(*sender, window));  // untimed
      uint64_t pushesBefore = given_.pushes();
      double before = server.cpuUs();
      for (uint64_t i = 0; i < times; ++i) {
        double start = wallUs();
        clients_.wait(appendAll(*sender, window));
        eachUs.push_back(wallUs() - start);
      }
      auto deliveries = static_cast<double>(times * window * followers_);
      serverUs.push_back((server.cpuUs() - before) / deliveries);
      entriesPerPush.push_back(deliveries / static_cast<double>(given_.pushes() - pushesBefore));
    }
    report_.add(against(goal, {.name = "fanout",
                               .n = followers_,
                               .operations = times * window * followers_,
                               .value = median(serverUs),
                               .unit = "us",
                               .durability = folder_.durability(),
                               .keys = {{"window", std::to_string(window)}, {"payload", std::to_string(kSize)}},
                               .figures = {{"p50", quantile(eachUs, 0.5)},  // until the last follower has them
                                           {"p99", quantile(eachUs, 0.99)},
                                           {"entries_per_push", median(entriesPerPush)}}}));
  }

  Report report_;
  DataFolder folder_;
  const std::optional<uint32_t> core_;
  const std::size_t followers_;
  const std::size_t senders_;
  ClientLoop clients_;
  Deliveries given_;
  uint64_t appended_ = 0;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    qpq::bench::FanoutBench(argc, argv).run();
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_fanout: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
