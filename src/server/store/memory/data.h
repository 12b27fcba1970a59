#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <tuple>
#include <utility>

#include "server/store/memory/table.h"
#include "server/store/tables.h"

namespace qpq::server::store::memory {

struct AccountRow {
  std::string name;
  wire::Hash digest;
};

struct LogRow {
  Log log;
  uint64_t createdMs;
  Bytes appendToken;
  std::optional<uint64_t> oldestMs;  // of the entries that have a body
};

struct EntryRow {
  wire::ChainLink link;
  bool hasWelcome;
  wire::LogPlace place;
  uint64_t timeMs;
};

struct BodyRow {
  Body envelope;
  std::optional<Body> welcome;
};

struct Stretch {
  std::optional<uint64_t> last;
  uint64_t acked = 0;
};

struct PackageRow {
  uint64_t notAfterMs;
  Bytes body;
};

struct AnswerRow {
  uint64_t takenMs;
  Bytes answer;
};

struct ServerRow {
  ServerState state;
  uint64_t refillWindowMs = 0;
  std::optional<uint64_t> refillUntilMs = 0;
};

// Where several parts of a key are compared one after the other.
using EntryPlace = std::pair<LogKey, uint64_t>;
using RightsPlace = std::tuple<LogKey, wire::RosterEntry, uint64_t>;           // with the first entry
using PackagePlace = std::tuple<wire::RosterEntry, bool, int64_t>;             // last resorts behind the others
using LargePlace = std::tuple<wire::Hash, LogKey, uint64_t, BodyPart>;         // of an entry's part in a file
using HoldingPlace = std::tuple<AccountId, std::optional<LogId>, wire::Hash>;  // blobs first
using AnswerPlace = std::tuple<AccountId, wire::RosterEntry, RequestId>;
enum class Only : uint8_t { row };  // the key of what there is one of

// Everything a store in memory holds. Whoever has a transaction holds the mutex, and with it all of this.
struct Data {
  std::mutex mutex;
  bool isReadOnly = false;  // the transaction

  Journal journal;
  Table<AccountId, AccountRow> accounts{journal};
  Table<std::string, AccountId> names{journal};  // folded
  Table<AccountId, Credentials> credentials{journal};
  Table<AccountId, wire::Vault> vaults{journal};
  Table<AccountId, wire::DeviceList> lists{journal};
  Table<wire::RosterEntry, wire::Certificate> certificates{journal};
  Table<AccountId, uint64_t> changes{journal};
  Table<std::pair<AccountId, LogKey>, uint64_t> inbox{journal};  // the change it stands at
  Table<std::pair<AccountId, uint64_t>, LogKey> inboxByChange{journal};
  Table<wire::Hash, Invite> invites{journal};
  Table<std::string, wire::Hash> invitePrefixes{journal};
  Table<PackagePlace, PackageRow> packages{journal};
  Table<std::pair<AccountId, wire::Hash>, uint64_t> packagesSeen{journal};  // until when
  Table<AnswerPlace, AnswerRow> answers{journal};
  Table<LogKey, LogRow> logs{journal};
  Table<LogId, LogKey> logIds{journal};
  Table<EntryPlace, EntryRow> entries{journal};
  Table<std::pair<LogKey, EntryId>, uint64_t> entryIds{journal};
  Table<EntryPlace, BodyRow> bodies{journal};
  Table<LargePlace, uint64_t> large{journal};  // the size
  Table<RightsPlace, Stretch> rights{journal};
  Table<std::pair<AccountId, AccountId>, LogId> direct{journal};
  Table<int64_t, Holding> holdings{journal};
  Table<HoldingPlace, int64_t> holdingKeys{journal};
  Table<Only, ServerRow> server{journal};
  Table<uint32_t, ReceiptKeySeed> receiptKeys{journal};
  Table<Only, Instant> age{journal};

  // Taken once each, also by a transaction that is given up.
  int64_t freshKey() { return ++lastKey_; }
  Result<void> mayWrite() const;

 private:
  int64_t lastKey_ = 0;
};

inline std::unexpected<Error> failed(const char* what) { return std::unexpected(Error(Error::Code::failed, what)); }

inline Result<void> Data::mayWrite() const {
  if (isReadOnly) return failed("a view changes nothing");
  return {};
}

}  // namespace qpq::server::store::memory
