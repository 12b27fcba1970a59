#pragma once

#include <optional>
#include <tuple>
#include <vector>

#include "base/ids.h"
#include "client/store/failure.h"
#include "sql/database.h"
#include "wire/types.h"

namespace qpq::client::store {

// What is wanted. Plans, not ciphertexts: they are encrypted when their turn comes, and anew when a commit of somebody
// else came first.
enum class Wish : uint8_t {
  message = 1,           // body: none, the text stands in its message row
  found = 2,             // begin the group; body: Founding
  invite = 3,            // body: std::vector<Guests>
  remove = 4,            // body: AccountId
  rename = 5,            // body: the title
  removeOwnDevices = 6,  // the account's other devices, before it leaves; body: none
  leave = 7,             // body: none
  mend = 8,              // commit others' leaves and bring the roster to the leaves; body: none
};
constexpr bool isKnown(Wish wish) { return wish >= Wish::message && wish <= Wish::mend; }
// Whether it is carried out by a commit. Of those one at a time is under way in a log, and nothing else.
constexpr bool isCommit(Wish wish) { return wish != Wish::message && wish != Wish::leave; }

struct Guests {
  AccountId account;
  std::vector<Bytes> keyPackages;  // encoded mls::KeyPackage, one per device
  static constexpr auto fields() { return std::tuple{&Guests::account, &Guests::keyPackages}; }
};

struct Founding {
  wire::ConversationKind kind = wire::ConversationKind::group;
  AccountId other;  // direct
  Bytes title;      // group
  std::vector<Guests> guests;
  static constexpr auto fields() {
    return std::tuple{&Founding::kind, &Founding::other, &Founding::title, &Founding::guests};
  }
};

// What goes to the server for a row.
struct Sealed {
  uint64_t commitsSeen = 0;
  Bytes envelope;
  wire::Hash envelopeHash{};
  Bytes welcome;
  Bytes tokenHash;
};

struct OutboxRow {
  LogId log;
  EntryId id;
  Wish wish{};
  Bytes body;
  std::optional<Sealed> sealed;
};

// What this device still wants of its logs, in the order in which it was wanted. A row ends when its entry has been
// read back, or when nothing can come of it any more.
class Outbox {
 public:
  explicit Outbox(sql::Database& database): database_(database) {}

  enum class Turn { last, first };
  [[nodiscard]] Result<void> add(const OutboxRow& row, Turn turn);
  [[nodiscard]] Result<std::vector<OutboxRow>> rows(const LogId& log);
  [[nodiscard]] Result<std::optional<OutboxRow>> find(const EntryId& id);
  [[nodiscard]] Result<std::vector<OutboxRow>> all();
  [[nodiscard]] Result<void> seal(const EntryId& id, const Sealed& sealed);
  [[nodiscard]] Result<void> unseal(const EntryId& id);
  [[nodiscard]] Result<void> end(const EntryId& id);
  [[nodiscard]] Result<std::vector<LogId>> logs();
  [[nodiscard]] Result<std::size_t> count();

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
