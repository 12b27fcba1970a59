#pragma once

#include <kj/async.h>
#include <kj/debug.h>
#include <kj/timer.h>

#include <catch2/catch_test_macros.hpp>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "crypto/ed25519.h"
#include "loop/worker.h"
#include "server/services.h"
#include "sql/database.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"
#include "wire/logs/envelope.h"
#include "wire/logs/roster.h"
#include "wire/people/device_list.h"

// A real server on real files, with a clock that is moved by hand and randomness from a seed.
namespace qpq::server::testing {

class MovedClock final: public Clock {
 public:
  Instant now() const override { return now_; }
  void move(uint64_t ms) { now_ = now_ + ms; }

 private:
  Instant now_{1'800'000'000'000};
};

// While it lives, what the server would tell its operator stays unsaid: for tests that make things fail.
struct Quiet {
  Quiet() { kj::_::Debug::setLogLevel(kj::LogSeverity::FATAL); }
  ~Quiet() { kj::_::Debug::setLogLevel(kj::LogSeverity::WARNING); }
};

// A device with its keys, as a client would hold it.
struct TestDevice {
  AccountId account;
  DeviceId id;
  crypto::Ed25519Key key;
  wire::Certificate certificate;

  wire::RosterEntry entry() const { return {account, id}; }
};

struct TestPerson {
  std::string name;
  AccountId account;
  crypto::Ed25519Key key;
  wire::DeviceList list;
  std::vector<TestDevice> devices;

  const TestDevice& device(std::size_t index = 0) const { return devices[index]; }
};

class TestWorld {
 public:
  struct Options {
    std::string vfs{};  // a file layer that has accidents
    AuthPolicy policy{crypto::kArgon2CostTest, true};
  };
  explicit TestWorld(Options options);
  TestWorld(): TestWorld(Options()) {}

  Services& services() { return *services_; }
  const ServerKeys& keys() const { return *keys_; }
  store::Connection& store() { return *write_; }
  // Past the server, at what lies in its file.
  sql::Database database();
  const BlobFiles& files() const { return *files_; }
  const Secret<32>& databaseKey() const { return databaseKey_; }
  // Drops everything in memory and opens the same files again.
  void restart();
  void close();            // the first half of it
  void move(uint64_t ms);  // clock, timer and whatever becomes due
  void settle() { waitScope.poll(); }

  template <class T>
  T wait(kj::Promise<T> promise) {
    return promise.wait(waitScope);
  }
  // The answer, which is available.
  template <class T>
  T ask(kj::Promise<std::expected<T, Unavailable>> promise) {
    auto answer = promise.wait(waitScope);
    REQUIRE(answer.has_value());
    return *std::move(answer);
  }

  TestPerson register_(const std::string& name);
  RegistrationRequest registrationOf(const TestPerson& person, const std::string& password = "correct horse");
  TestPerson stranger(const std::string& name);  // keys and papers, not registered
  const TestDevice& enrol(TestPerson& person);   // one more device
  void revoke(TestPerson& person, std::size_t device);
  TestDevice makeDevice(const TestPerson& person, uint64_t listVersion);
  wire::DeviceList nextList(const TestPerson& person, const TestDevice* added, std::optional<DeviceId> revoked);

  kj::EventLoop loop;
  kj::WaitScope waitScope{loop};
  MovedClock clock;
  test::SeededRandom random{7};
  kj::TimerImpl timer{kj::origin<kj::TimePoint>()};
  test::ScratchFolder folder;

 private:
  void open();
  const Options options_;
  Secret<32> databaseKey_;
  std::unique_ptr<store::Connection> write_;
  std::unique_ptr<store::Connection> read_;
  std::optional<ServerKeys> keys_;
  std::optional<BlobFiles> files_;
  std::optional<WriteQueue> writes_;
  std::optional<EntryRates> rates_;
  std::optional<loop::LoopWorker> writeWorker_;
  std::optional<loop::LoopWorker> readWorker_;
  std::optional<loop::LoopWorker> fileWorker_;
  std::optional<Services> services_;
};

// ---- Envelopes. The server sees no more of MLS than the outer frame, so what is sealed is noise here.

struct CommitSpec {
  std::vector<wire::RosterEntry> removed{};
  std::vector<wire::RosterEntry> added{};
  std::vector<wire::RosterEntry> restored{};
};

Bytes messageTo(const LogId& log, const EntryId& id, uint64_t commitsSeen, std::size_t noise = 32);
Bytes leaveOf(const LogId& log, const EntryId& id, uint64_t commitsSeen, const wire::RosterEntry& leaver);
Bytes commitTo(const wire::Roster& before, const EntryId& id, uint64_t commitsSeen, const CommitSpec& spec,
               std::size_t noise = 32);
Bytes askIn(const LogId& log, const EntryId& id, uint64_t commitsSeen, const TestDevice& device);
Bytes envelopeOf(const LogId& log, const wire::Terms& terms, std::size_t noise = 32);
// The roster behind a commit that was made with commitTo.
wire::Roster rosterAfter(const wire::Roster& before, const CommitSpec& spec);

// A key package as its device would publish it, told apart by `salt`.
Bytes keyPackageOf(const TestDevice& device, Instant now, uint8_t salt, uint64_t lifetimeMs = 30 * kDayMs);

EntryId entryId(uint8_t n);
LogId logId(uint8_t n);

// A log as its members know it: appends through the services and keeps the roster beside.
class TestLog {
 public:
  TestLog(TestWorld& world, const LogId& log): world(world), roster{log, {}} {}
  const LogId& id() const { return roster.log; }

  AppendOutcome send(const TestDevice& sender, Bytes envelope, Bytes welcome = {}, Bytes tokenHash = {});
  AppendOutcome say(const TestDevice& sender, const EntryId& entry, std::size_t noise = 32);
  AppendOutcome say(const TestDevice& sender);
  // Accepted, and the count and the roster move with it.
  AppendOutcome commit(const TestDevice& sender, const CommitSpec& spec, const EntryId& entry);
  void mustCommit(const TestDevice& sender, const CommitSpec& spec);
  ReadOutcome read(const TestDevice& reader, uint64_t after = 0, std::size_t entriesMax = 256);
  Page page(const TestDevice& reader, uint64_t after = 0, std::size_t entriesMax = 256);

  TestWorld& world;
  wire::Roster roster;
  uint64_t commits = 0;
};

// A group log begun by the first of these devices, with all of them on its roster after entry 1.
TestLog begin(TestWorld& world, uint8_t number, const std::vector<wire::RosterEntry>& devices,
              const TestDevice& creator);

template <class T, class Outcome>
const T& as(const Outcome& outcome) {
  REQUIRE(std::holds_alternative<T>(outcome));
  return std::get<T>(outcome);
}

}  // namespace qpq::server::testing
