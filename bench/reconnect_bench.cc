// How soon is everyone back after the server was killed? Thousands of signed-in devices follow their logs; the server
// gets SIGKILL and is started again at once, at its port. Each device then makes a new connection, signs in by its key
// and follows its log from where it stood, and is back when it has been given what came after that.

#include <kj/debug.h>

#include <cstdio>
#include <vector>

#include "crowd.h"
#include "data_folder.h"
#include "report.h"
#include "samples.h"
#include "server_floors.h"
#include "server_process.h"

namespace qpq::bench {
namespace {

constexpr uint64_t kMessages = 8;
constexpr uint64_t kMissed = 3;
constexpr std::size_t kSize = 1024;

class ReconnectBench {
 public:
  ReconnectBench(int argc, char** argv)
      : report_("reconnect", argc, argv),
        folder_("reconnect"),
        core_(keepApart()),
        count_(report_.pick<std::size_t>(5000, 100)) {}

  void run() {
    measureServerFloors(report_, folder_);
    Seeder seeder(folder_ / "server", clients_.random, clients_.clock.now());
    Members members = seedPeople(seeder, "device", count_, kMessages, kSize);
    seeder.finish();
    std::vector<double> seconds, serverUs, startUs;
    for (int round = 0; round < report_.pick(3, 1); ++round) {
      auto first = kj::heap<ServerProcess>(folder_ / "server", ServerProcess::Options{.core = core_});
      Devices devices = clients_.wait(resumeAll(clients_, first->address(), members));
      clients_.wait(
          forEach(count_, kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->follow(kMessages + 1 - kMissed); }));
      uint16_t port = first->address().port;

      double start = wallUs();
      first->kill();
      ServerProcess second(folder_ / "server", {.port = port, .core = core_});
      startUs.push_back(wallUs() - start);
      devices.clear();
      clients_.wait(comeBack(second, members, devices));
      seconds.push_back((wallUs() - start) / 1e6);
      serverUs.push_back(second.cpuUs() / static_cast<double>(count_));
    }
    report_.section("after kill -9: handshake, sign-in, what was missed");
    report_.add(against({Goal::Is::atMost, 8},
                        {.name = "reconnect",
                         .n = count_,
                         .operations = count_,
                         .value = median(seconds),
                         .unit = "s",
                         .durability = folder_.durability(),
                         .keys = {{"payload", std::to_string(kSize)}},
                         .figures = {{"server_cpu_us", median(serverUs)}, {"start_ms", median(startUs) / 1e3}}}));
  }

 private:
  // Everyone at once would only fill the server's socket: a client tries again when its first datagrams are lost, and
  // so many at a time keep both sides busy.
  static constexpr uint64_t kAtOnce = 128;
  static constexpr std::size_t kHosts = 125;

  kj::Promise<void> comeBack(const ServerProcess& server, const Members& members, Devices& devices) {
    std::vector<uint16_t> hosts;
    for (std::size_t i = 0; i < kHosts; ++i) hosts.push_back(clients_.freshHost());
    devices.resize(count_);
    co_await forEach(count_, kAtOnce,
                     [&](uint64_t i) { return comeBackOne(server, hosts[i % kHosts], members[i], devices[i]); });
  }

  kj::Promise<void> comeBackOne(const ServerProcess& server, uint16_t host, const Member& member,
                                kj::Own<LeanDevice>& into) {
    into = co_await LeanDevice::resume(clients_, server.address(), host, member.identity, member.log);
    co_await into->follow(kMessages + 1 - kMissed);
    co_await into->reached(kMessages + 1);
  }

  Report report_;
  DataFolder folder_;
  const std::optional<uint32_t> core_;
  const std::size_t count_;
  ClientLoop clients_;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    qpq::bench::ReconnectBench(argc, argv).run();
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_reconnect: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
