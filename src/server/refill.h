#pragma once

#include <optional>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "server/keys.h"
#include "server/outcomes.h"
#include "server/write.h"
#include "wire/logs/receipt.h"

// Taking back, after a restore, what the server had stored in an earlier life (design.md §3 "Restores"): a client
// brings entries and the receipt it was given for the last of them. The chain from the log's newest entry to that
// receipt shows that they are the ones, so nothing else about them or their bringer has to be believed.
namespace qpq::server {

struct RefilledEntry {
  uint64_t seq;
  wire::EntryKind kind;
  EntryId id;
  Bytes envelope;
  std::optional<wire::Hash> welcomeHash;
  Bytes welcome;  // empty: the client does not have it
};

struct RefillRequest {
  AccountId account;  // the session's
  LogId log;
  std::optional<AccountId> partner;  // of a direct log
  std::vector<RefilledEntry> entries;
  wire::Receipt receipt;
};

// The newest place of the log goes with each.
struct RefillComplete {
  wire::LogPlace newest;
};
struct RefillBeginAt {
  wire::LogPlace newest;
};
struct RefillDiffers {
  wire::LogPlace newest;
};
struct RefillUnproven {
  bool operator==(const RefillUnproven&) const = default;
};
using RefillOutcome = std::variant<RefillComplete, RefillBeginAt, RefillDiffers, RefillUnproven, Malformed>;

// Whether the server has signed this receipt in any of its lives, by its own keys.
[[nodiscard]] bool isOurs(const wire::Receipt& receipt, const ServerKeys& keys);

// Part of a flush; isOurs(request.receipt). Anything but RefillComplete leaves the store as it was.
[[nodiscard]] store::Result<RefillOutcome> refill(Write& write, const RefillRequest& request);

}  // namespace qpq::server
