#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <variant>
#include <vector>

#include "server/keys.h"
#include "server/outcomes.h"
#include "server/store/tables.h"
#include "wire/types.h"

// Reading a log as one device may.
namespace qpq::server {

struct ReadRequest {
  wire::RosterEntry reader;
  LogId log;
  uint64_t after;
  std::size_t entriesMax;  // held to 1 … kReadEntriesMax
  std::size_t bytesMax;    // held to kReadBytesMax; one entry comes whatever it says
};

struct Page {
  LogId log;
  std::optional<wire::SignedHead> start;  // head(n-1), when entry n is the first this device may read
  std::vector<store::Entry> entries;
  std::optional<wire::Receipt> receipt;  // of the last entry
  bool more = false;                     // there are further entries this device may read
  bool ended = false;                    // its rights have ended and nothing further will come
  bool open = false;                     // this is all there is, and its rights go on

  std::size_t bytes() const;  // that travel with it
};
struct Pruned {
  wire::SignedHead record;  // at p: entries up to there are gone
};
struct NoRights {
  bool operator==(const NoRights&) const = default;
};
using ReadOutcome = std::variant<Page, Pruned, NoRights>;
struct NoSuchEntry {};  // or one that has been forgotten
using HeadOutcome = std::variant<wire::SignedHead, NoRights, NoSuchEntry>;

[[nodiscard]] store::Result<ReadOutcome> readPage(store::Tables& tables, const ServerKeys& keys,
                                                  const ReadRequest& request, Instant now);

// The entries behind `after` for any device that has read to there and whose rights go on: messages only, since nothing
// else changes rights. Nothing where that is not so, and each device reads for itself: what comes next is not a
// message, or there is nothing, or it has been pruned.
[[nodiscard]] store::Result<std::optional<Page>> readTail(store::Tables& tables, const ServerKeys& keys,
                                                          const LogId& log, uint64_t after);

// Whether a device of this account may know of the log: a member's, and before the first commit the founders'.
[[nodiscard]] store::Result<bool> isOpenTo(store::Tables& tables, const store::Log& log, const AccountId& account);

// Open to every device whose account is on the roster, so that one without rights can ask, and to the founders of a log
// that has not begun. `at`: the entry; 0 for the newest.
[[nodiscard]] store::Result<HeadOutcome> readHead(store::Tables& tables, const ServerKeys& keys,
                                                  const wire::RosterEntry& reader, const LogId& log, uint64_t at,
                                                  Instant now);

}  // namespace qpq::server
