#include "loops_scaling.h"

#include <format>
#include <string>
#include <vector>

#include "crowd.h"
#include "samples.h"
#include "server/limits.h"
#include "server_process.h"

namespace qpq::bench {

namespace {

constexpr std::size_t kSize = 256;
constexpr std::size_t kPingSize = 256;
constexpr uint64_t kBurst = server::kMessagesPerDevice.burst;

struct Costs {
  std::vector<double> handshakeUs, callUs, deliveryUs;  // by round
};

kj::Promise<void> ping(schema::Node::Client node) {
  static const std::vector<kj::byte> kPayload(kPingSize, 'q');
  auto request = node.pingRequest();
  request.setPayload({kPayload.data(), kPayload.size()});
  return request.send().ignoreResult();
}

class Scaling {
 public:
  Scaling(ClientLoop& clients, const Report& report, const DataFolder& folder)
      : clients_(clients), report_(report), folder_(folder) {}

  Costs measure(uint32_t loops) {
    const auto followers = report_.pick<std::size_t>(400, 20);
    const auto rounds = static_cast<std::size_t>(report_.pick(5, 1));
    std::string data = folder_ / std::format("loops-{}", loops);
    Seeder seeder(data, clients_.random, clients_.clock.now());
    std::vector<Members> crowds;
    for (std::size_t i = 0; i < rounds; ++i) {
      crowds.push_back(seedGroup(seeder, std::format("round-{}", i), followers + 1));
    }
    seeder.finish();
    ServerProcess server(data, {.loops = loops});
    Costs costs;
    for (const Members& crowd : crowds) round(server, crowd, costs);
    return costs;
  }

 private:
  void round(const ServerProcess& server, const Members& crowd, Costs& into) {
    auto per = [&](std::vector<double>& costs, uint64_t count, auto&& step) {
      double before = server.cpuUs();
      step();
      costs.push_back((server.cpuUs() - before) / static_cast<double>(count));
    };
    Devices devices;
    per(into.handshakeUs, crowd.size(), [&]() {
      devices = clients_.wait(connectAll(clients_, server.address(), crowd, [](LeanDevice&) { return kj::READY_NOW; }));
    });
    clients_.wait(forEach(devices.size(), kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->greet(); }));
    const uint64_t calls = report_.pick<uint64_t>(50, 5) * devices.size();
    per(into.callUs, calls, [&]() {
      clients_.wait(forEach(calls, devices.size(),
                            [&](uint64_t i) { return ping(nodeOf(devices[i % devices.size()]->connection())); }));
    });
    clients_.wait(forEach(devices.size(), kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->signIn(); }));
    std::size_t followers = devices.size() - 1;
    Deliveries given;
    clients_.wait(forEach(followers, kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->follow(1, given); }));
    const uint64_t messages = report_.pick<uint64_t>(kBurst - 10, 3);
    per(into.deliveryUs, messages * followers, [&]() {
      for (uint64_t i = 1; i <= messages; ++i) {
        clients_.wait(devices.back()->append(kSize));
        clients_.wait(given.reached(i * followers));
      }
    });
    devices.clear();  // before what they count in
  }

  ClientLoop& clients_;
  const Report& report_;
  const DataFolder& folder_;
};

}  // namespace

void measureLoopsScaling(ClientLoop& clients, Report& report, const DataFolder& folder) {
  Scaling scaling(clients, report, folder);
  Costs one = scaling.measure(1), two = scaling.measure(2);
  report.section("server CPU with two loops, against one");
  auto add = [&](std::string_view of, const std::vector<double>& with1, const std::vector<double>& with2) {
    report.add(against({Goal::Is::atMost, 1.15}, {.name = "loops_scaling",
                                                  .n = 2,
                                                  .operations = with2.size(),
                                                  .value = median(with2) / median(with1),
                                                  .unit = "x",
                                                  .keys = {{"of", std::string(of)}},
                                                  .figures = {{"one_us", median(with1)}, {"two_us", median(with2)}}}));
  };
  add("handshakes", one.handshakeUs, two.handshakeUs);
  add("calls", one.callUs, two.callUs);
  add("fanout", one.deliveryUs, two.deliveryUs);
}

}  // namespace qpq::bench
