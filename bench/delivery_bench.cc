// How fast is a durable message? A real qpq-server on a core of its own, real QUIC over loopback. Appends come from
// signed-in devices without a client behind them (lean_device.h), messages go through two real client engines. An
// append is answered, and a message goes on, only when the disk has it, so beside the numbers stands what one synced
// write costs here. Medians over rounds. A device may send server::kMessagesPerDevice, so each round is one burst of
// devices that have sent nothing yet.

#include <kj/debug.h>

#include <algorithm>
#include <cstdio>
#include <format>
#include <span>
#include <vector>

#include "cpu_time.h"
#include "crowd.h"
#include "data_folder.h"
#include "peers/peer.h"
#include "person.h"
#include "report.h"
#include "samples.h"
#include "server/limits.h"
#include "server_floors.h"
#include "server_process.h"

namespace qpq::bench {
namespace {

constexpr std::size_t kSize = 1024;
constexpr uint64_t kClients = 64;
// Of one device, all at once; the rest is for what else a client's engine may send.
constexpr uint64_t kBurst = server::kMessagesPerDevice.burst - 10;

class DeliveryBench {
 public:
  DeliveryBench(int argc, char** argv): report_("delivery", argc, argv), folder_("delivery"), core_(keepApart()) {}

  void run() {
    floors_ = measureServerFloors(report_, folder_);
    appends();
    peers();
    twoPeople();
  }

 private:
  struct Appends {
    std::vector<double> perSecond, p50Us, p99Us, serverUs;  // by round

    void add(const std::vector<double>& eachUs, double tookUs, double cpuUs) {
      auto count = static_cast<double>(eachUs.size());
      perSecond.push_back(count * 1e6 / tookUs);
      serverUs.push_back(cpuUs / count);
      p50Us.push_back(quantile(eachUs, 0.5));
      p99Us.push_back(quantile(eachUs, 0.99));
    }
  };

  void appends() {
    Seeder seeder(folder_ / "appends", clients_.random, clients_.clock.now());
    auto alone = static_cast<std::size_t>(report_.pick(15, 1));
    auto rounds = static_cast<std::size_t>(report_.pick(7, 1));
    Members members = seedPeople(seeder, "device", alone + rounds * kClients);
    seeder.finish();
    ServerProcess server(folder_ / "appends", {.core = core_});
    Devices devices = clients_.wait(resumeAll(clients_, server.address(), members));
    const uint64_t count = report_.pick(kBurst, uint64_t{20});
    auto run = [&](std::size_t first, std::size_t clientsAtOnce, std::size_t times, uint64_t window) {
      Appends appends;
      for (std::size_t i = 0; i < times; ++i) {
        round(server, std::span(devices).subspan(first + i * clientsAtOnce, clientsAtOnce), count, window, appends);
      }
      return appends;
    };
    report_.section("durable appends of 1 KiB");
    Appends one = run(0, 1, alone, 1), many = run(alone, kClients, rounds, 8);
    tell(1, 1, count, one, "qpq", folder_.durability());
    tell(kClients, 8, count * kClients, many, "qpq", folder_.durability());
  }

  void tell(uint64_t clients, uint64_t window, uint64_t operations, const Appends& from, std::string_view subject,
            std::string_view durability) {
    Result result{.name = "append",
                  .n = clients,
                  .operations = operations,
                  .value = median(from.perSecond),
                  .unit = "1/s",
                  .subject = subject,
                  .durability = durability,
                  .keys = {{"window", std::to_string(window)}, {"payload", std::to_string(kSize)}},
                  .figures = {{"p50", median(from.p50Us)}, {"p99", median(from.p99Us)}}};
    // One after the other, each a synced write.
    if (window == 1 && durability == "fsync") result.figures.emplace_back("floor", 1e6 / floors_.syncUs);
    Result cpu = result;
    cpu.name = "append_cpu";
    cpu.value = median(from.serverUs);
    cpu.unit = "us";
    bool isOurs = subject == "qpq";
    report_.add(isOurs ? against({Goal::Is::atLeast, clients == 1 ? 1'500.0 : 15'000.0}, result) : result);
    if (clients > 1) report_.add(isOurs ? against({Goal::Is::atMost, 60}, cpu) : cpu);
  }

  kj::Promise<void> appendTimed(LeanDevice& device, std::vector<double>& eachUs) {
    double start = wallUs();
    co_await device.append(kSize);
    eachUs.push_back(wallUs() - start);
  }

  // One round: `count` appends of each of these devices, all devices at once, `window` of each in flight.
  void round(const ServerProcess& server, std::span<kj::Own<LeanDevice>> devices, uint64_t count, uint64_t window,
             Appends& into) {
    std::vector<double> eachUs;
    double before = server.cpuUs(), start = wallUs();
    clients_.wait(forEach(devices.size(), devices.size(), [&](uint64_t i) {
      return forEach(count, window, [&, i](uint64_t) { return appendTimed(*devices[i], eachUs); });
    }));
    into.add(eachUs, wallUs() - start, server.cpuUs() - before);
  }

  void peers() {
    ofPeer("nats", startNats);
    ofPeer("mosquitto", startMosquitto);
    ofPeer("prosody", startProsody);
  }

  template <class Start>
  void ofPeer(std::string_view name, Start start) {
    std::unique_ptr<Peer> peer = start(PeerPlace{folder_ / std::string(name), core_});
    if (!peer) return report_.note(std::format("{} is not installed here", name));
    peerAppends(*peer, 1, 1);
    peerAppends(*peer, kClients, 8);
  }

  void peerAppends(Peer& peer, uint64_t clients, uint64_t window) {
    const uint64_t each = std::min(peer.countMax() * (clients == 1 ? 10 : 1), report_.pick(kBurst, uint64_t{5}));
    peer.connect(clients);
    Appends into;
    for (int i = 0; i < report_.pick(5, 1); ++i) {
      double before = peer.process().cpuUs(), start = wallUs();
      into.add(peer.appends(each, window, kSize), wallUs() - start, peer.process().cpuUs() - before);
    }
    tell(clients, window, each * clients, into, peer.name(), peer.durability());
  }

  void twoPeople() {
    ServerProcess server(folder_ / "people", {.core = core_});
    Person alice(clients_, server.address(), folder_ / "alice", "alice");
    Person bob(clients_, server.address(), folder_ / "bob", "bob");
    LogId log = alice.openDirect(bob);
    alice.say(log, "untimed: bob enters with it", bob);
    bob.say(log, "untimed, too", alice);

    std::vector<double> queuedUs, shownUs;
    double serverBefore = server.cpuUs(), clientsBefore = processCpuUs();
    for (int i = 0; i < report_.pick(3, 1); ++i) {
      if (i > 0) awaitAllowance();
      for (uint64_t number = 0; number < report_.pick(kBurst, uint64_t{10}); ++number) {
        // Never the same twice, so that one is not taken for another.
        std::string text = std::format("{:0>{}}", number + 1000 * static_cast<uint64_t>(i), kSize);
        for (auto [from, to] : {std::pair(&alice, &bob), std::pair(&bob, &alice)}) {
          Person::Passage passage = from->say(log, text, *to);
          queuedUs.push_back(passage.queuedUs);
          shownUs.push_back(passage.shownUs);
        }
      }
    }
    auto messages = static_cast<double>(shownUs.size());
    double serverUs = (server.cpuUs() - serverBefore) / messages;
    double clientsUs = (processCpuUs() - clientsBefore) / messages;
    report_.section("1 KiB messages between two real clients, one at a time");
    auto add = [&](std::string name, double value) {
      report_.add({.name = std::move(name),
                   .n = 2,
                   .operations = shownUs.size(),
                   .size = kSize,
                   .value = value,
                   .unit = "us",
                   .durability = folder_.durability()});
    };
    add("message in the outbox p50", median(queuedUs));
    add("message shown to the other p50", median(shownUs));
    add("message shown to the other p99", quantile(shownUs, 0.99));
    add("message, CPU of both clients", clientsUs);
    add("message, server CPU", serverUs);
  }

  // Until every device may send a burst again.
  void awaitAllowance() {
    constexpr uint64_t kRefillMs = server::kMessagesPerDevice.burst * server::kMessagesPerDevice.refillMs;
    clients_.wait(clients_.timer.afterDelay(kRefillMs * kj::MILLISECONDS));
  }

  Report report_;
  DataFolder folder_;
  const std::optional<uint32_t> core_;  // the server's
  ClientLoop clients_;
  ServerFloors floors_{};
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    qpq::bench::DeliveryBench(argc, argv).run();
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_delivery: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
