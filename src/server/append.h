#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <variant>

#include "base/bytes.h"
#include "server/bulk/uploads.h"
#include "server/limits.h"
#include "server/outcomes.h"
#include "server/rate.h"
#include "server/write.h"
#include "wire/types.h"

// Adding one entry to a log: docs/protocol/wire.md "Logs", in exactly its order.
namespace qpq::server {

struct AppendRequest {
  wire::RosterEntry sender;  // the session's device
  LogId log;
  Bytes envelope;
  Bytes welcome;    // empty: none
  Bytes tokenHash;  // with a commit, else empty
  // Instead of the bytes: what this account has uploaded for this log.
  std::optional<Uploaded> uploadedEnvelope{};
  std::optional<Uploaded> uploadedWelcome{};
};

struct Appended {
  std::shared_ptr<const wire::Receipt> receipt;
};
struct Conflict {
  uint64_t commits;
  uint64_t seq;
  bool operator==(const Conflict&) const = default;
};
struct UnknownDevice {
  Bytes deviceList;  // of the account whose device it is not; empty if there is no such account
};
struct NotOnRoster {
  uint64_t endedAt;  // 0: this device never had rights
  bool operator==(const NotOnRoster&) const = default;
};
struct Gone {
  LogId successor;
  bool operator==(const Gone&) const = default;
};
struct NotUploaded {
  bool operator==(const NotUploaded&) const = default;
};
using AppendOutcome = std::variant<Appended, Conflict, UnknownDevice, NotOnRoster, Gone, QuotaFull, TooOften, TooLarge,
                                   Malformed, NotUploaded>;

// Part of a flush. Anything but Appended leaves the store as it was.
[[nodiscard]] store::Result<AppendOutcome> append(Write& write, const AppendRequest& request);

}  // namespace qpq::server
