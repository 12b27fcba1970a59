// What does a call cost, and a connection? A real qpq-server in its own process, real QUIC over loopback, all clients
// in this one. Beside each number stands what the prototype of the transport reached on two cores of a like machine,
// server and client each on one of them (its handshakes made no call). Medians over rounds; the server's CPU time is
// the number that others on the machine disturb least.

#include <kj/debug.h>

#include <cstdio>
#include <format>
#include <vector>

#include "client_loop.h"
#include "data_folder.h"
#include "report.h"
#include "samples.h"
#include "server_process.h"

namespace qpq::bench {
namespace {

constexpr uint64_t kPayloadSize = 256;
constexpr uint64_t kWindow = 64;
// At once: below the 16 half-open ones of an address from where on the server asks for a round trip more.
constexpr uint64_t kHandshakesAtOnce = 8;
// Below what the server holds for one address, and begins for one at once.
constexpr uint64_t kConnectionsPerHost = 125;

kj::Promise<void> ping(schema::Node::Client& node) {
  static const std::vector<kj::byte> kPayload(kPayloadSize, 'q');
  auto request = node.pingRequest();
  request.setPayload({kPayload.data(), kPayload.size()});
  auto answer = co_await request.send();
  KJ_REQUIRE(answer.getPayload().size() == kPayloadSize);
}

kj::Promise<void> pings(schema::Node::Client node, uint64_t count) {
  for (uint64_t i = 0; i < count; ++i) co_await ping(node);
}

template <class Start>
kj::Promise<void> atOnce(uint64_t count, Start start) {
  auto all = kj::heapArrayBuilder<kj::Promise<void>>(count);
  for (uint64_t i = 0; i < count; ++i) all.add(start());
  return kj::joinPromises(all.finish());
}

class RpcBench {
 public:
  RpcBench(int argc, char** argv): report_("rpc", argc, argv), folder_("rpc") {}

  void run() {
    ServerProcess server(folder_ / "server");
    {
      auto connection = clients_.wait(clients_.connect(server.address(), clients_.freshHost()));
      schema::Node::Client node = nodeOf(*connection);
      clients_.wait(pings(node, report_.pick<uint64_t>(2000, 100)));  // untimed: caches, path MTU, congestion window
      sequential(server, node);
      pipelined(server, node);
    }
    handshakes(server);
    idleConnections();
  }

 private:
  void sequential(ServerProcess& server, schema::Node::Client& node) {
    const uint64_t calls = report_.pick<uint64_t>(5000, 200);
    std::vector<double> p50Us, p99Us, serverUs;
    for (int round = 0; round < rounds(); ++round) {
      std::vector<double> eachUs;
      double before = server.cpuUs();
      for (uint64_t i = 0; i < calls; ++i) {
        double start = wallUs();
        clients_.wait(ping(node));
        eachUs.push_back(wallUs() - start);
      }
      serverUs.push_back((server.cpuUs() - before) / static_cast<double>(calls));
      p50Us.push_back(quantile(eachUs, 0.5));
      p99Us.push_back(quantile(eachUs, 0.99));
    }
    report_.section("ping, one connection, one in flight");
    add({.name = "ping p50", .operations = calls, .value = median(p50Us), .unit = "us", .reference = 64});
    add({.name = "ping p99", .operations = calls, .value = median(p99Us), .unit = "us", .reference = 95});
    add({.name = "ping, server CPU", .operations = calls, .value = median(serverUs), .unit = "us", .reference = 43});
  }

  void pipelined(ServerProcess& server, schema::Node::Client& node) {
    const uint64_t each = report_.pick<uint64_t>(1000, 50);
    const uint64_t calls = each * kWindow;
    std::vector<double> perSecond, serverUs;
    for (int round = 0; round < rounds(); ++round) {
      double before = server.cpuUs(), start = wallUs();
      clients_.wait(atOnce(kWindow, [&]() { return pings(node, each); }));
      perSecond.push_back(static_cast<double>(calls) * 1e6 / (wallUs() - start));
      serverUs.push_back((server.cpuUs() - before) / static_cast<double>(calls));
    }
    report_.section(std::format("ping, one connection, {} in flight", kWindow));
    add({.name = "pipelined calls, 64 in flight",
         .operations = calls,
         .value = median(perSecond),
         .unit = "1/s",
         .reference = 133'000});
    add({.name = "pipelined call, 64 in flight, server CPU",
         .operations = calls,
         .value = median(serverUs),
         .unit = "us",
         .reference = 4.4});
  }

  kj::Promise<void> comeAndGo(ServerProcess& server, uint16_t host, uint64_t times) {
    for (uint64_t i = 0; i < times; ++i) {
      auto connection = co_await clients_.connect(server.address(), host);
      auto node = nodeOf(*connection);
      co_await ping(node);
    }
  }

  void handshakes(ServerProcess& server) {
    const uint64_t each = report_.pick<uint64_t>(40, 4);
    const uint64_t count = each * kHandshakesAtOnce;
    std::vector<double> oneUs, perSecond, serverUs;
    for (int round = 0; round < rounds(); ++round) {
      // A host of its own for each round, or the server would slow us down as one that comes too often.
      uint16_t host = clients_.freshHost();
      for (uint64_t i = 0; i < each; ++i) {
        double start = wallUs();
        clients_.wait(comeAndGo(server, host, 1));
        oneUs.push_back(wallUs() - start);
      }
      double before = server.cpuUs(), start = wallUs();
      clients_.wait(atOnce(kHandshakesAtOnce, [&]() { return comeAndGo(server, host, each); }));
      perSecond.push_back(static_cast<double>(count) * 1e6 / (wallUs() - start));
      serverUs.push_back((server.cpuUs() - before) / static_cast<double>(count));
    }
    report_.section("full handshake and the first answered call");
    add({.name = "handshake and call p50", .operations = oneUs.size(), .value = median(oneUs), .unit = "us"});
    add({.name = "handshakes",
         .n = kHandshakesAtOnce,
         .operations = count,
         .value = median(perSecond),
         .unit = "1/s",
         .reference = 1710});
    add({.name = "handshake, server CPU",
         .n = kHandshakesAtOnce,
         .operations = count,
         .value = median(serverUs),
         .unit = "us",
         .reference = 487});
  }

  // By a fresh server each time: what an earlier one has freed, its allocator would only hand out again.
  void idleConnections() {
    const uint64_t count = report_.pick<uint64_t>(500, 100);
    std::vector<double> eachKiB;
    for (int round = 0; round < report_.pick(3, 1); ++round) {
      ServerProcess server(folder_ / std::format("idle-{}", round));
      clients_.wait(comeAndGo(server, clients_.freshHost(), 1));
      double before = server.residentKiB();
      std::vector<kj::Own<quic::RpcClient>> held;
      uint16_t host = 0;
      while (held.size() < count) {
        if (held.size() % kConnectionsPerHost == 0) host = clients_.freshHost();
        held.push_back(clients_.wait(clients_.connect(server.address(), host)));
        clients_.wait(pings(nodeOf(*held.back()), 1));
      }
      eachKiB.push_back((server.residentKiB() - before) / static_cast<double>(count));
    }
    report_.section("held connections, each after one call");
    add({.name = "server memory per idle connection",
         .n = count,
         .operations = count,
         .value = median(eachKiB),
         .unit = "KiB",
         .reference = 66.1});
  }

  int rounds() const { return report_.pick(7, 1); }
  void add(Result result) {
    result.size = kPayloadSize;
    report_.add(result);
  }

  Report report_;
  DataFolder folder_;
  ClientLoop clients_;
};

}  // namespace
}  // namespace qpq::bench

int main(int argc, char** argv) {
  try {
    qpq::bench::RpcBench(argc, argv).run();
  } catch (const kj::Exception& exception) {
    std::fprintf(stderr, "bench_rpc: %s\n", exception.getDescription().cStr());
    return 1;
  }
}
