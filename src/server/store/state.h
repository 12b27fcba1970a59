#pragma once

#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "sql/database.h"

namespace qpq::server::store {

// What makes this server itself: made once, with the first start of its store.
struct ServerState {
  Incarnation incarnation;  // of this life of the store; a restored backup begins another
  Secret<32> identitySeed;  // Ed25519: what clients pin
  SecretBytes opaqueSetup;  // opaque::ServerSetup, encoded
};

struct ReceiptKeySeed {
  uint32_t id;
  Secret<32> seed;
  uint64_t fromMs;
};

[[nodiscard]] sql::Result<std::optional<ServerState>> readState(sql::Database& database);
[[nodiscard]] sql::Result<void> writeState(sql::Database& database, const ServerState& state);

// Whether the disk takes a write: one that changes a page and nothing of what is stored. Within a Transaction.
class Probe {
 public:
  explicit Probe(sql::Database& database): database_(database) {}
  [[nodiscard]] sql::Result<void> write();

 private:
  sql::Database& database_;
};

// The time up to which things have grown old (server/retention.h); nothing before the first sweep.
class Age {
 public:
  explicit Age(sql::Database& database): database_(database) {}
  [[nodiscard]] sql::Result<std::optional<Instant>> read();
  [[nodiscard]] sql::Result<void> write(Instant age);

 private:
  sql::Database& database_;
};

// Another life of the same server begins: what clients hold of the one before proves nothing against it. Key packages
// go, for whoever took one since has spent it; their devices publish others when they come back. From the next start on
// nothing is appended for `refillWindowMs`, so that clients can first give back what is missing.
[[nodiscard]] sql::Result<void> beginIncarnation(sql::Database& database, const Incarnation& incarnation,
                                                 uint64_t refillWindowMs);
// After a restore nothing is appended for a while.
struct RefillWindow {
  Instant until;
  uint64_t lengthMs = 0;

  // What is left of it; nothing left where a clock that was ahead has made it longer than it is.
  uint64_t leftMs(Instant now) const {
    uint64_t left = until.unixMs > now.unixMs ? until.unixMs - now.unixMs : 0;
    return left > lengthMs ? 0 : left;
  }
};
// Begins with the first start after a restore.
[[nodiscard]] sql::Result<RefillWindow> refillWindow(sql::Database& database, Instant now);

// Ascending by id: the last one signs.
[[nodiscard]] sql::Result<std::vector<ReceiptKeySeed>> readReceiptKeys(sql::Database& database);
[[nodiscard]] sql::Result<void> addReceiptKey(sql::Database& database, const ReceiptKeySeed& key);

}  // namespace qpq::server::store
