#pragma once

#include <kj/async-io.h>
#include <kj/async.h>

#include <catch2/catch_test_macros.hpp>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "client/client.h"
#include "loop/worker.h"
#include "quic/rpc.h"
#include "quic/virtual_time.h"
#include "server/admin/stored.h"
#include "server/services.h"
#include "server/store/memory/store.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

// The real server services and real client engines in one process: in-memory links, virtual time, seeded randomness,
// real SQLCipher files. A scene runs in milliseconds and the same way every time.
namespace qpq::sim {

class World;

// The wall clock of a world: its virtual time, beginning somewhere in 2027.
class WorldClock final: public Clock {
 public:
  explicit WorldClock(kj::Timer& timer): timer_(timer) {}
  Instant now() const override {
    auto sinceStart = static_cast<uint64_t>((timer_.now() - kj::origin<kj::TimePoint>()) / kj::MILLISECONDS);
    return {1'800'000'000'000 + sinceStart};
  }

 private:
  kj::Timer& timer_;
};

// A cable between one person and the server, that can be pulled.
class Cable final: public client::Connector {
 public:
  explicit Cable(World& world): world_(world) {}
  kj::Promise<std::expected<client::Link, client::LinkError>> connect() override;
  std::string address() const override { return "sim:7000"; }

  void pull();
  void plug() { plugged_ = true; }
  // It is pulled by itself when so many more bytes have gone up on bulk streams.
  void pullAfter(uint64_t bulkBytes) { bulkBytesLeft_ = bulkBytes; }
  uint64_t bulkBytesUp() const { return bulkBytesUp_; }

 private:
  struct End;
  class BulkStream;
  uint64_t bulkBytesUp_ = 0;
  std::optional<uint64_t> bulkBytesLeft_;
  World& world_;
  bool plugged_ = true;
  std::list<kj::Own<kj::PromiseFulfiller<void>>> cut_;
};

class Person final: private client::ServerTrust {
 public:
  Person(World& world, std::string name, uint64_t seed, std::string vfs);
  ~Person();

  void open();  // the profile, and the engine started if there is an account
  void close();
  void restart() {
    close();
    open();
  }
  void registerHere();

  client::Client& client() { return *client_; }
  LogId dm(const Person& other);
  void say(const LogId& log, const std::string& text);
  // "alice: hello", the newest of what is shown of the conversation.
  std::vector<std::string> heard(const LogId& log, uint32_t countMax = 100);
  void catchUp();
  std::optional<LogId> conversation(const std::string& title);

  const std::string name;
  Cable cable;
  std::vector<client::Event> events;  // since the profile was opened last

 private:
  kj::Promise<bool> trustNewServer(std::string, std::string) override { return true; }

  World& world_;
  test::SeededRandom random_;
  const std::string vfs_;
  loop::LoopWorker worker_;
  kj::Own<client::Client> client_;
  kj::Own<void> listening_;
};

class World {
 public:
  // What the server stores in: the product's engine, or rows in memory that outlive a server but not the world.
  enum class Store { sqlcipher, memory };
  explicit World(Store store = Store::sqlcipher);
  ~World();

  // Registered and online; with the profile on this file layer, or the system's.
  Person& person(const std::string& name, const std::string& vfs = {});
  template <class T>
  T wait(client::Promise<T> promise) {
    auto result = promise.wait(waitScope);
    if (!result) FAIL(result.error().what);
    if constexpr (!std::is_void_v<T>) return std::move(*result);
  }
  template <class T>
  client::Error refusal(client::Promise<T> promise) {
    auto result = promise.wait(waitScope);
    REQUIRE_FALSE(result.has_value());
    return result.error();
  }
  void pass(uint64_t ms) { time.timer().afterDelay(ms * kj::MILLISECONDS).wait(waitScope); }

  void stopServer();
  void startServer();
  // A copy of the store as it is; the server stops and starts again with that copy in its place.
  void backUp();
  server::StorePlace place() const { return {folder.file("server.db"), folder.file("blobs")}; }
  void restore(uint64_t refillWindowMs);
  // The server's end of a fresh connection; its other end is the caller's.
  kj::Own<kj::AsyncIoStream> accept(const ByteArray<32>& exporter);
  kj::Own<kj::AsyncIoStream> acceptBulk(const ByteArray<32>& exporter);
  const server::BlobFiles& files() const { return *files_; }
  const ByteArray<32>& tlsKey() const { return tlsKey_; }
  server::Services& services() { return *services_; }
  bool serverIsUp() const { return services_ != nullptr; }

  quic::VirtualTime time;
  kj::EventLoop loop{time};
  kj::WaitScope waitScope{loop};
  WorldClock clock{time.timer()};
  test::SeededRandom random{1};
  test::ScratchFolder folder;

 private:
  struct Served;
  void openStore();
  ByteArray<32> tlsKey_;
  Secret<32> databaseKey_;
  std::optional<server::store::memory::Store> memory_;
  std::unique_ptr<server::store::Connection> write_;
  std::unique_ptr<server::store::Connection> read_;
  std::optional<server::ServerKeys> keys_;
  std::optional<server::BlobFiles> files_;
  std::optional<server::WriteQueue> writes_;
  std::optional<server::EntryRates> rates_;
  std::optional<loop::LoopWorker> worker_;
  std::unique_ptr<server::Services> services_;
  quic::LoopRound round_{time.timer()};
  std::list<std::unique_ptr<quic::RpcChannel>> channels_;
  std::list<std::unique_ptr<Person>> people_;
};

}  // namespace qpq::sim
