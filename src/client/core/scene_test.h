#pragma once

#include <catch2/catch_test_macros.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "client/core/core.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"
#include "wire/logs/envelope.h"
#include "wire/logs/readers.h"
#include "wire/logs/receipt.h"
#include "wire/logs/roster.h"

// What the tests of the core share: a log server in a few lines, kept by wire's own rules, and devices whose every step
// a test may take by itself.
namespace qpq::client::core::scene {

struct MovedClock final: Clock {
  Instant now() const override { return at; }
  Instant at{1'700'000'000'000};
};

// The value, or a failed test that says why.
template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error(result.error().what);
  if constexpr (!std::is_void_v<T>) return std::move(*result);
}
template <class T>
std::optional<ErrorCode> refusal(const Result<T>& result) {
  if (result) return std::nullopt;
  return result.error().code;
}

struct Conflict {
  uint64_t commits;
};
using Answer = std::variant<Bytes, Conflict, Refusal>;  // Bytes: the receipt

// Logs, rosters, receipts and key packages of one server.
class Server {
 public:
  explicit Server(MovedClock& clock);
  Server(const Server& other);  // a second face of the same server, which may go on otherwise

  const wire::VerifiedServerInfo& info() const { return info_; }
  // Another life of the same server: what it signs from now on names it.
  void restore();

  void enrol(const std::string& name, const wire::DeviceList& list);
  Person lookup(const std::string& name) const;
  void publish(const wire::RosterEntry& device, std::vector<Bytes> keyPackages);
  Invitation take(const std::string& name, const std::optional<DeviceId>& except = std::nullopt);

  LogId openDirect(const AccountId& a, const AccountId& b);
  Answer append(const wire::RosterEntry& device, const Outgoing& entry);
  // What this device may read behind `after`, at most `countMax` entries; nothing if there is none.
  std::optional<Page> read(const wire::RosterEntry& device, const LogId& log, uint64_t after,
                           std::size_t countMax = 100) const;
  std::vector<IndexEntry> index(const wire::RosterEntry& device) const;
  // Forgets entries up to and with `seq`.
  void prune(const LogId& log, uint64_t seq);
  std::optional<Bytes> pruned(const LogId& log, uint64_t after) const;

  std::size_t size(const LogId& log) const { return logs_.at(log).entries.size(); }
  const std::vector<PageEntry>& entries(const LogId& log) const { return logs_.at(log).entries; }
  wire::SignedHead head(const LogId& log, uint64_t seq) const;

 private:
  struct Log {
    wire::Roster roster;
    wire::Readers readers;
    std::vector<PageEntry> entries;
    std::vector<wire::LogPlace> places;  // behind each entry; places[0] is the start
    std::map<EntryId, Bytes> receipts;
    std::optional<std::pair<AccountId, AccountId>> pair;
    uint64_t pruned = 0;
  };
  Log& log(const LogId& id);
  Bytes receiptFor(const LogId& id, const Log& log, const PageEntry& entry) const;

  MovedClock& clock_;
  crypto::Ed25519Key identity_;
  crypto::Ed25519Key receiptKey_;
  wire::VerifiedServerInfo info_;
  std::map<std::string, Person> people_;
  std::map<wire::RosterEntry, std::vector<Bytes>> keyPackages_;
  std::map<LogId, Log> logs_;
};

// One device with its profile on the disk.
class Device {
 public:
  Device(Server& server, MovedClock& clock, uint64_t seed, std::string vfs = {});

  // A new account, or a further device of one whose seed is given.
  void signUp(const std::string& name);
  void signIn(const std::string& name, const Secret<32>& accountSeed);
  // Closes the profile and opens it again: all that is not on the disk is gone.
  void restart();
  void close() { core_.reset(); }
  void open();

  Core& core() { return *core_; }
  wire::RosterEntry self() const { return {core_->identity()->account, core_->identity()->device}; }
  const Secret<32>& accountSeed() const { return accountSeed_; }

  // ---- single steps
  void readIndex();
  void readLog(const LogId& log, std::size_t countMax = 100);
  void readAll();
  std::optional<Outgoing> next(const LogId& log);
  // Appends the next entry, if there is one, and tells the core the answer. Whether something went out.
  enum class Ack { told, lost };
  bool sendNext(const LogId& log, Ack ack = Ack::told);
  // Reads and sends until nothing is left to do.
  void run();

  // From here on the process dies after every single step of run(), and no receipt ever arrives.
  void becomeRestless() { restless_ = true; }

  // ---- what a person does
  LogId dm(const std::string& name);
  void say(const LogId& log, const std::string& text) { must(core().send(log, text)); }
  void invite(const LogId& log, const std::string& name) { must(core().invite(log, {server_.take(name)})); }

  // ---- what was seen
  void note(Outcome outcome);
  std::vector<std::string> texts(const LogId& log);  // of the history: "alice: hello", with "…" while queued
  std::vector<std::string> shown;                    // texts of event::Message, in order, over restarts
  std::vector<Event> events;
  std::vector<Settled> settled;
  template <class E>
  std::vector<E> seen() const {
    std::vector<E> found;
    for (const Event& event : events) {
      if (const E* e = std::get_if<E>(&event)) found.push_back(*e);
    }
    return found;
  }
  std::size_t alarms() const { return seen<event::Alarm>().size() + seen<event::Unreadable>().size(); }

 private:
  void finishSignIn(const NewDevice& device);
  void stumble();

  bool restless_ = false;
  Server& server_;
  MovedClock& clock_;
  test::SeededRandom random_;
  std::string vfs_;
  test::ScratchFolder folder_;
  std::unique_ptr<Core> core_;
  Secret<32> accountSeed_;
};

// A server and three people who know nothing of each other yet.
struct Scene {
  MovedClock clock;
  Server server{clock};
  Device alice{server, clock, 1};
  Device bob{server, clock, 2};
  Device carol{server, clock, 3};

  Scene();
  void run();                             // everybody, until it is quiet
  LogId group(const std::string& title);  // alice's, with bob and carol in it
};

}  // namespace qpq::client::core::scene
