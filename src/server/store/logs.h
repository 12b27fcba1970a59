#pragma once

#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "base/ids.h"
#include "server/store/error.h"
#include "wire/logs/chain.h"
#include "wire/logs/receipt.h"

namespace qpq::server::store {

// The store's own number of a log: short, so that it may stand in every index. Never leaves the server, and means
// nothing to any other store.
enum class LogKey : int64_t {};
constexpr bool isKnown(LogKey) { return true; }

// The two accounts of a direct log, the lower first; twice the same for the log with oneself.
struct Pair {
  AccountId low;
  AccountId high;

  static Pair of(const AccountId& a, const AccountId& b) { return a < b ? Pair{a, b} : Pair{b, a}; }
  bool holds(const AccountId& account) const { return account == low || account == high; }
  const AccountId& other(const AccountId& account) const { return account == low ? high : low; }
  bool operator==(const Pair&) const = default;
};

// The row of a log: what every append begins with.
struct Log {
  LogKey key;
  LogId id;
  AccountId creator;
  std::optional<Pair> pair;        // of a direct log
  std::optional<LogId> successor;  // what took its place
  wire::LogPlace newest;
  wire::LogPlace pruned;  // entries up to here are gone; the start if none are
  uint64_t prunedMs = 0;
};

struct NewLog {
  LogId id;
  AccountId creator;
  std::optional<Pair> pair;
};

enum class BodyPart : uint8_t { envelope = 1, welcome = 2 };
constexpr bool isKnown(BodyPart part) { return part == BodyPart::envelope || part == BodyPart::welcome; }

// A part that lies in a file of its own; the link has its hash.
struct LargePart {
  uint64_t size;
  bool operator==(const LargePart&) const = default;
};
using Body = std::variant<Bytes, LargePart>;
// What a body takes, wherever it lies.
inline uint64_t sizeOf(const Body& body) {
  const auto* large = std::get_if<LargePart>(&body);
  return large != nullptr ? large->size : std::get<Bytes>(body).size();
}

struct NewEntry {
  wire::ChainLink link;
  wire::LogPlace place;  // behind it
  uint64_t timeMs;
  std::variant<ByteView, LargePart> envelope;
  std::optional<std::variant<ByteView, LargePart>> welcome;
};

struct Entry {
  wire::ChainLink link;
  bool hasWelcome;
  Body envelope;
  std::optional<Body> welcome;  // read only for devices the entry adds
};

// What remains of an entry for its receipt, also when its body is gone.
struct EntryMark {
  uint64_t seq;
  EntryId id;
  wire::Hash envelope;
  wire::Hash head;
  uint64_t commits;
  uint64_t timeMs;

  wire::LogPlace place() const { return {seq, head, commits}; }
  wire::ReceiptLeaf leaf(const Incarnation& incarnation, const LogId& log) const {
    return {incarnation, log, seq, id, envelope, head, commits, timeMs};
  }
};

// Logs and their entries. Shard key: log.
class Logs {
 public:
  virtual ~Logs() = default;

  [[nodiscard]] virtual Result<std::optional<Log>> find(const LogId& log) = 0;
  // `damaged` if it leads nowhere.
  [[nodiscard]] virtual Result<Log> at(LogKey key) = 0;
  // The id is free: the caller has looked. `failed` otherwise.
  [[nodiscard]] virtual Result<void> add(const NewLog& log, uint64_t nowMs) = 0;
  [[nodiscard]] virtual Result<void> succeed(const LogId& log, const LogId& successor) = 0;

  // The entry becomes the newest; the head, count and place of `log` move with it. Its seq and id are free: the caller
  // has looked. `failed` otherwise.
  [[nodiscard]] virtual Result<void> append(Log& log, const NewEntry& entry) = 0;
  [[nodiscard]] virtual Result<void> setAppendToken(LogKey log, ByteView tokenHash) = 0;

  [[nodiscard]] virtual Result<std::optional<EntryMark>> markOf(LogKey log, const EntryId& entry) = 0;
  [[nodiscard]] virtual Result<std::optional<EntryMark>> markAt(LogKey log, uint64_t seq) = 0;
  // Of the entry whose envelope lies in the file of this hash.
  [[nodiscard]] virtual Result<std::optional<EntryMark>> markOfLarge(LogKey log, const wire::Hash& envelope) = 0;
  // The part of entry `seq` that lies in a file.
  struct LargeBody {
    wire::Hash hash;
    uint64_t size;
  };
  [[nodiscard]] virtual Result<std::optional<LargeBody>> large(LogKey log, uint64_t seq, BodyPart part) = 0;
  // Entries first … last in order, at most `entriesMax`, ending before the one that would bring the sum of envelopes
  // and Welcomes above `bytesMax`; at least one if there is one. `welcomeAt`: the entry whose Welcome is read, too.
  [[nodiscard]] virtual Result<std::vector<Entry>> read(LogKey log, uint64_t first, uint64_t last, uint64_t welcomeAt,
                                                        std::size_t entriesMax, std::size_t bytesMax) = 0;

  // The last entry of a run from `first` on whose every entry is older than `beforeMs`; nothing if the first is not.
  [[nodiscard]] virtual Result<std::optional<uint64_t>> lastOlder(const Log& log, uint64_t beforeMs) = 0;
  // Deletes bodies up to `seq` and leaves the place behind it as the record. The files that they named: perhaps nothing
  // else does.
  [[nodiscard]] virtual Result<std::vector<wire::Hash>> prune(Log& log, uint64_t seq, uint64_t nowMs) = 0;
  // These go over everything.

  // How many logs an account has begun, after `afterMs` and not after `untilMs`.
  [[nodiscard]] virtual Result<uint64_t> begunBetween(const AccountId& creator, uint64_t afterMs, uint64_t untilMs) = 0;
  // Logs whose oldest body is older than `beforeMs`, the oldest first.
  [[nodiscard]] virtual Result<std::vector<LogKey>> withOlder(uint64_t beforeMs, std::size_t logsMax) = 0;
  // Forgets marks of pruned entries older than `beforeMs`, the oldest first; how many.
  [[nodiscard]] virtual Result<uint64_t> forgetMarks(uint64_t beforeMs, std::size_t rowsMax) = 0;
};

}  // namespace qpq::server::store
