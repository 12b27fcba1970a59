// What does a connection cost while nothing happens, and what does it cost to come in? A real qpq-server on a core of
// its own; devices come in by their key, as clients do every day, over full post-quantum handshakes. Memory is what the
// process occupies; whom it belongs to is told by servers whose connections have gone less far.

#include <kj/debug.h>

#include <cstdio>
#include <format>
#include <vector>

#include "crowd.h"
#include "data_folder.h"
#include "login.h"
#include "loops_scaling.h"
#include "peers/peer.h"
#include "report.h"
#include "samples.h"
#include "server/limits.h"
#include "server_floors.h"
#include "server_process.h"

namespace qpq::bench {
namespace {

// Registrations at once from one address: each is two calls.
constexpr uint64_t kDevicesPerHost = server::kRegisterPerAddress.burst / 2 - 1;

kj::Promise<void> sayNothing(LeanDevice&) { return kj::READY_NOW; }
kj::Promise<void> greet(LeanDevice& device) { return device.greet(); }
kj::Promise<void> comeIn(LeanDevice& device) {
  co_await device.greet();
  co_await device.signIn();
  co_await device.follow(1);
}

class ConnectionsBench {
 public:
  ConnectionsBench(int argc, char** argv): report_("connections", argc, argv), folder_("connections") {}

  void run() {
    floors_ = measureServerFloors(report_, folder_);
    // Before this thread is kept to a core: with two loops nobody has one alone.
    measureLoopsScaling(clients_, report_, folder_);
    core_ = keepApart();
    idle();
    comingIn();
    byPassword();
    owners();
    everyone();
    peers();
  }

 private:
  void idle() {
    std::vector<double> eachMiB;
    for (int round = 0; round < report_.pick(3, 1); ++round) {
      ServerProcess server(folder_ / std::format("idle-{}", round), {.core = core_});
      clients_.wait(clients_.timer.afterDelay(kSettlingMs * kj::MILLISECONDS));
      eachMiB.push_back(server.residentKiB() / 1024);
    }
    report_.section("memory");
    report_.add(against({Goal::Is::atMost, 20}, {.name = "idle_rss", .n = 0, .value = median(eachMiB), .unit = "MiB"}));
  }

  // Server CPU of each step, apart, for everyone before the next step begins.
  void comingIn() {
    const auto count = report_.pick<std::size_t>(400, 20);
    const auto rounds = static_cast<std::size_t>(report_.pick(7, 1));
    std::vector<Members> members;
    Seeder seeder(folder_ / "coming", clients_.random, clients_.clock.now());
    for (std::size_t i = 0; i < rounds; ++i) members.push_back(seedPeople(seeder, std::format("round-{}", i), count));
    seeder.finish();
    ServerProcess server(folder_ / "coming", {.core = core_});
    std::vector<double> handshakeUs, resumeUs;
    auto timed = [&](std::vector<double>& into, auto&& step) {
      double before = server.cpuUs();
      step();
      into.push_back((server.cpuUs() - before) / static_cast<double>(count));
    };
    for (const Members& crowd : members) {
      Devices devices;
      timed(handshakeUs, [&]() { devices = clients_.wait(connectAll(clients_, server.address(), crowd, sayNothing)); });
      clients_.wait(forEach(count, kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->greet(); }));
      timed(resumeUs, [&]() {
        clients_.wait(forEach(count, kHandshakesAtOnce, [&](uint64_t i) { return devices[i]->signIn(); }));
      });
    }
    report_.section("server CPU of coming in");
    auto add = [&](std::string name, double goal, double value, double floor) {
      report_.add(against({Goal::Is::atMost, goal}, {.name = std::move(name),
                                                     .n = count,
                                                     .operations = rounds * count,
                                                     .value = value,
                                                     .unit = "us",
                                                     .figures = {{"floor", floor}}}));
    };
    add("handshake_cpu", 520, median(handshakeUs), floors_.signUs);
    add("resume_cpu", 200, median(resumeUs), floors_.verifyUs);
  }

  // Each account has a few attempts, and so has each address.
  void byPassword() {
    const auto count = report_.pick<std::size_t>(63, 4);
    const auto rounds = report_.pick(6, 2);
    ServerProcess server(folder_ / "login", {.core = core_});
    std::deque<Identity> identities;
    Devices devices;
    uint16_t host = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (i % kDevicesPerHost == 0) host = clients_.freshHost();
      identities.push_back(Identity::random(std::format("device-{}", i), clients_.random));
      devices.push_back(clients_.wait(LeanDevice::join(clients_, server.address(), host, identities.back())));
    }
    std::vector<double> eachUs;
    for (int round = 0; round < rounds; ++round) {
      double before = server.cpuUs();
      clients_.wait(forEach(count, kHandshakesAtOnce, [&](uint64_t i) {
        return logIn(nodeOf(devices[i]->connection()), identities[i], clients_.random);
      }));
      eachUs.push_back((server.cpuUs() - before) / static_cast<double>(count));
    }
    report_.add(against({Goal::Is::atMost, 700}, {.name = "login_cpu",
                                                  .n = count,
                                                  .operations = count * static_cast<uint64_t>(rounds),
                                                  .value = median(eachUs),
                                                  .unit = "us"}));
  }

  // KiB per connection of a server whose connections have come so far.
  double residentPer(std::size_t count, std::string_view name, const Step& step) {
    Seeder seeder(folder_ / std::string(name), clients_.random, clients_.clock.now());
    Members members = seedPeople(seeder, "device", count);
    Members first = seedPeople(seeder, "first", 1);
    seeder.finish();
    ServerProcess server(folder_ / std::string(name), {.core = core_});
    // What only the first ever costs.
    clients_.wait(connectAll(clients_, server.address(), first, comeIn));
    double before = server.residentKiB();
    Devices devices = clients_.wait(connectAll(clients_, server.address(), members, step));
    clients_.wait(clients_.timer.afterDelay(kSettlingMs * kj::MILLISECONDS));
    return (server.residentKiB() - before) / static_cast<double>(count);
  }

  void owners() {
    const auto count = report_.pick<std::size_t>(2000, 50);
    double shaken = residentPer(count, "shaken", sayNothing);
    double greeted = residentPer(count, "greeted", greet);
    double follows = residentPer(count, "follows", comeIn);
    report_.section("memory of a connection, by owner");
    auto add = [&](std::string_view owner, double value) {
      report_.add({.name = "connection_rss_of",
                   .n = count,
                   .operations = count,
                   .value = value,
                   .unit = "KiB",
                   .keys = {{"owner", std::string(owner)}}});
    };
    add("quic and tls", shaken);
    add("rpc", greeted - shaken);
    add("session and follower", follows - greeted);
  }

  void everyone() {
    const auto count = report_.pick<std::size_t>(20'000, 100);
    double each = residentPer(count, "everyone", comeIn);
    report_.section("memory of a connection: signed in, following, idle");
    report_.add(against({Goal::Is::atMost, 56},
                        {.name = "connection_rss", .n = count, .operations = count, .value = each, .unit = "KiB"}));
  }

  void peers() {
    report_.section("memory of others: idle, and for each client signed in");
    ofPeer("nats", startNats);
    ofPeer("mosquitto", startMosquitto);
    ofPeer("prosody", startProsody);
  }

  template <class Start>
  void ofPeer(std::string_view name, Start start) {
    const auto count = report_.pick<std::size_t>(500, 20);
    std::unique_ptr<Peer> peer = start(PeerPlace{folder_ / std::string(name), core_});
    if (!peer) return report_.note(std::format("{} is not installed here", name));
    peer->connect(1);
    double before = peer->process().residentKiB();
    report_.add({.name = "idle_rss", .n = 0, .value = before / 1024, .unit = "MiB", .subject = name});
    peer->connect(count);
    clients_.wait(clients_.timer.afterDelay(kSettlingMs * kj::MILLISECONDS));
    double each = (peer->process().residentKiB() - before) / static_cast<double>(count);
    report_.add(
        {.name = "connection_rss", .n = count, .operations = count, .value = each, .unit = "KiB", .subject = name});
  }

  static constexpr int kSettlingMs = 1'000;

  Report report_;
  DataFolder folder_;
  std::optional<uint32_t> core_;
  ClientLoop clients_;
  ServerFloors floors_{};
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    qpq::bench::ConnectionsBench(argc, argv).run();
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_connections: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
