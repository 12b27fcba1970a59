// How fast is a durable message? A real qpq-server in its own process, real QUIC over loopback. Appends come from
// signed-in devices without a client behind them (lean_device.h), messages go through two real client engines. An
// append is answered, and a message goes on, only when the disk has it, so beside the numbers stands what one synced
// write costs here. Medians over rounds. A device may send server::kMessagesPerDevice, so a round is one burst of each.

#include <kj/debug.h>

#include <cstdio>
#include <deque>
#include <format>
#include <span>
#include <vector>

#include "cpu_time.h"
#include "data_folder.h"
#include "lean_device.h"
#include "person.h"
#include "report.h"
#include "samples.h"
#include "server/limits.h"
#include "server_process.h"

namespace qpq::bench {
namespace {

constexpr std::size_t kSize = 1024;
constexpr uint64_t kClients = 64;
// The rest is for what else a client's engine may send.
constexpr uint64_t kBurst = server::kMessagesPerDevice.burst - 10;
// Registrations at once from one address: each is two calls.
constexpr uint64_t kDevicesPerHost = server::kRegisterPerAddress.burst / 2 - 1;

class DeliveryBench {
 public:
  DeliveryBench(int argc, char** argv)
      : report_("delivery", argc, argv), folder_("delivery"), server_(folder_ / "server") {}

  void run() {
    disk();
    join();
    oneClient();
    manyClients();
    twoPeople();
  }

 private:
  struct Appends {
    std::vector<double> perSecond, p50Us, p99Us, serverUs;  // by round
  };

  void disk() {
    report_.section(std::format("the disk under the store (durability: {})", folder_.durability()));
    int times = report_.pick(500, 50);
    report_.add({.name = "write 4 KiB and fdatasync p50",
                 .operations = static_cast<uint64_t>(times),
                 .size = 4096,
                 .value = folder_.syncUs(times),
                 .unit = "us",
                 .subject = "disk",
                 .durability = folder_.durability()});
  }

  void join() {
    uint16_t host = 0;
    for (uint64_t i = 0; i < kClients; ++i) {
      if (i % kDevicesPerHost == 0) host = clients_.freshHost();
      identities_.push_back(Identity::random(std::format("device-{}", i), clients_.random));
      devices_.push_back(clients_.wait(LeanDevice::join(clients_, server_.address(), host, identities_.back())));
    }
  }

  kj::Promise<void> appendTimed(LeanDevice& device, uint64_t count, std::vector<double>& eachUs) {
    for (uint64_t i = 0; i < count; ++i) {
      double start = wallUs();
      co_await device.append(kSize);
      eachUs.push_back(wallUs() - start);
    }
  }

  // One round: `count` appends of each of these devices, all devices at once.
  void round(std::span<kj::Own<LeanDevice>> devices, uint64_t count, Appends& into) {
    std::vector<double> eachUs;
    double before = server_.cpuUs(), start = wallUs();
    auto all = kj::heapArrayBuilder<kj::Promise<void>>(devices.size());
    for (auto& device : devices) all.add(appendTimed(*device, count, eachUs));
    clients_.wait(kj::joinPromises(all.finish()));
    auto appends = static_cast<double>(eachUs.size());
    into.perSecond.push_back(appends * 1e6 / (wallUs() - start));
    into.serverUs.push_back((server_.cpuUs() - before) / appends);
    into.p50Us.push_back(quantile(eachUs, 0.5));
    into.p99Us.push_back(quantile(eachUs, 0.99));
  }

  void oneClient() {
    Appends appends;
    const uint64_t count = report_.pick(kBurst, uint64_t{30});
    // Another device each round: the one before has spent its burst.
    for (std::size_t i = 0; i < report_.pick<std::size_t>(15, 1); ++i)
      round(std::span(devices_).subspan(i, 1), count, appends);
    tell(1, count, appends);
  }

  void manyClients() {
    Appends appends;
    const uint64_t count = report_.pick(kBurst, uint64_t{10});
    for (int i = 0; i < report_.pick(5, 1); ++i) {
      if (report_.length() == Report::Length::full) awaitAllowance();
      round(devices_, count, appends);
    }
    tell(kClients, count * kClients, appends);
  }

  void tell(uint64_t clients, uint64_t operations, const Appends& appends) {
    report_.section(
        std::format("1 KiB appends, {} client{} with one in flight each", clients, clients == 1 ? "" : "s"));
    auto add = [&](std::string name, const std::vector<double>& values, std::string_view unit) {
      report_.add({.name = std::move(name),
                   .n = clients,
                   .operations = operations,
                   .size = kSize,
                   .value = median(values),
                   .unit = unit,
                   .durability = folder_.durability()});
    };
    add("durable appends", appends.perSecond, "1/s");
    add("durable append p50", appends.p50Us, "us");
    add("durable append p99", appends.p99Us, "us");
    add("durable append, server CPU", appends.serverUs, "us");
  }

  void twoPeople() {
    Person alice(clients_, server_.address(), folder_ / "alice", "alice");
    Person bob(clients_, server_.address(), folder_ / "bob", "bob");
    LogId log = alice.openDirect(bob);
    alice.say(log, "untimed: bob enters with it", bob);
    bob.say(log, "untimed, too", alice);

    std::vector<double> queuedUs, shownUs;
    double serverBefore = server_.cpuUs(), clientsBefore = processCpuUs();
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
    double serverUs = (server_.cpuUs() - serverBefore) / messages;
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
  ServerProcess server_;
  ClientLoop clients_;
  std::deque<Identity> identities_;
  std::vector<kj::Own<LeanDevice>> devices_;
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
