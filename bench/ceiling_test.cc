#include <catch2/catch_test_macros.hpp>
#include <string>
#include <vector>

#include "client_loop.h"
#include "data_folder.h"
#include "lean_device.h"
#include "quic/limits.h"
#include "seeder.h"
#include "server_process.h"

// A real server at the ceiling of its memory.
namespace qpq::bench {
namespace {

constexpr uint64_t kMiB = 1024;  // of KiB
constexpr uint64_t kAttackersMax = 20'000;

// Connections that do nothing, until the server takes no more.
class Attackers {
 public:
  Attackers(ClientLoop& clients, const quic::SocketAddress& server): clients_(clients), server_(server) {}

  void comeUntilRefused() {
    for (refused_ = false; !refused_ && held_.size() < kAttackersMax;) clients_.wait(comeTogether());
    REQUIRE(refused_);
  }
  std::size_t count() const { return held_.size(); }
  void leave() { held_.clear(); }

 private:
  kj::Promise<void> comeTogether() {
    uint16_t host = clients_.freshHost();
    co_await forEach(quic::Limits().halfOpenPerAddressMax, 8, [&](uint64_t) { return come(host); });
  }
  kj::Promise<void> come(uint16_t host) {
    auto connected = clients_.connectBare(server_, host)
                         .then([this](kj::Own<quic::Connection> connection) { held_.push_back(kj::mv(connection)); },
                               [this](kj::Exception&&) { refused_ = true; });
    co_await connected;
  }

  ClientLoop& clients_;
  const quic::SocketAddress server_;
  std::vector<kj::Own<quic::Connection>> held_;
  bool refused_ = false;
};

TEST_CASE("clients who do nothing are let in up to the ceiling, and whoever has signed in works on") {
  ClientLoop clients;
  DataFolder folder("ceiling");
  auto store = folder / "server";
  Seeder seeder(store, clients.random, clients.clock.now());
  Identity early = seeder.addAccount("early"), late = seeder.addAccount("late");
  LogId first = seeder.addLog(early).id, second = seeder.addLog(late).id;
  seeder.finish();
  double idleKiB = ServerProcess(store).residentKiB();
  // Whatever build this is: room for some hundred clients.
  uint64_t ceilingMiB = static_cast<uint64_t>(idleKiB) / kMiB + 64;
  ServerProcess server(store, {.further = {"--memory-max-mib", std::to_string(ceilingMiB)}});

  auto honest = clients.wait(LeanDevice::resume(clients, server.address(), clients.freshHost(), early, first));
  Attackers attackers(clients, server.address());
  attackers.comeUntilRefused();
  CHECK(attackers.count() > 10);
  CHECK(server.residentKiB() < static_cast<double>(ceilingMiB * kMiB));
  for (int i = 0; i < 20; ++i) clients.wait(honest->append(1'000));

  // When they have left there is room again.
  attackers.leave();
  kj::Maybe<kj::Own<LeanDevice>> newcomer;
  for (int attempts = 0; newcomer == nullptr && attempts < 100; ++attempts) {
    clients.wait(clients.timer.afterDelay(200 * kj::MILLISECONDS));
    clients.wait(LeanDevice::resume(clients, server.address(), clients.freshHost(), late, second)
                     .then([&](kj::Own<LeanDevice> device) { newcomer = kj::mv(device); }, [](kj::Exception&&) {}));
  }
  REQUIRE(newcomer != nullptr);
  clients.wait(KJ_ASSERT_NONNULL(newcomer)->append(1'000));
}

}  // namespace
}  // namespace qpq::bench
