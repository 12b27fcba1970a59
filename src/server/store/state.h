#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/ids.h"
#include "base/secret.h"
#include "base/time.h"
#include "server/store/error.h"

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

// What is the server's own, and its store's. Shard key: the server.
class State {
 public:
  virtual ~State() = default;

  [[nodiscard]] virtual Result<std::optional<ServerState>> read() = 0;
  // There is none: the caller has looked.
  [[nodiscard]] virtual Result<void> make(const ServerState& state) = 0;
  // Ascending by id: the last one signs.
  [[nodiscard]] virtual Result<std::vector<ReceiptKeySeed>> receiptKeys() = 0;
  // The id is free.
  [[nodiscard]] virtual Result<void> addReceiptKey(const ReceiptKeySeed& key) = 0;

  // Another life of the same server: what clients hold of the one before proves nothing against it. From the next start
  // on nothing is appended for `refillWindowMs`, so that clients can first give back what is missing.
  [[nodiscard]] virtual Result<void> beginIncarnation(const Incarnation& incarnation, uint64_t refillWindowMs) = 0;
  // Begins with the first start after a restore: the first call sets its end, every other finds it.
  [[nodiscard]] virtual Result<RefillWindow> refillWindow(Instant now) = 0;

  // The time up to which things have grown old (server/retention.h); nothing before the first sweep.
  [[nodiscard]] virtual Result<std::optional<Instant>> age() = 0;
  [[nodiscard]] virtual Result<void> setAge(Instant age) = 0;

  // Whether the store takes a write: one that reaches what makes it durable and changes nothing of what is stored.
  [[nodiscard]] virtual Result<void> probe() = 0;
};

}  // namespace qpq::server::store
