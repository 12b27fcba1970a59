#pragma once

#include <cstdint>
#include <optional>

#include "wire/error.h"
#include "wire/logs/entry_kind.h"
#include "wire/types.h"

// The hash chain that makes a log one history:
//   head(0) = SHA-256("qpq log 1" ‖ log)
//   head(n) = SHA-256(head(n-1) ‖ u64 seq ‖ u8 kind ‖ entryId ‖ SHA-256(envelope) ‖ SHA-256(welcome or nothing))
namespace qpq::wire {

// What the chain says of one entry. Its sequence number is its place.
struct ChainLink {
  uint64_t seq = 0;
  EntryKind kind = EntryKind::message;
  EntryId id;
  Hash envelope{};
  Hash welcome{};  // noWelcome() where there is none

  bool operator==(const ChainLink&) const = default;
};

Hash noWelcome();  // SHA-256 of nothing

// How far a log has come, as its server or a reader of it knows: the last entry's number, the chain's head there, and
// how many of the entries up to there are commits.
struct LogPlace {
  uint64_t seq = 0;
  Hash head{};
  uint64_t commits = 0;

  static LogPlace start(const LogId& log);
  // The place behind this entry; chainGap unless it is the next one.
  Result<LogPlace> after(const ChainLink& link) const;
  Claim claim() const { return {seq, head}; }
  bool operator==(const LogPlace&) const = default;
};

// What a reader makes of the claim in an entry at `ownSeq`, given the head it computed at claim.seq itself (nothing if
// it holds none: it was not there yet, or has forgotten). Never a reason to refuse the entry: another history and an
// impossible claim are alarms that name the sender's device.
enum class ClaimVerdict { agrees, notKnown, otherHistory, notBelowOwnPlace };
ClaimVerdict judgeClaim(const LogId& log, const Claim& claim, uint64_t ownSeq, const std::optional<Hash>& headThere);

}  // namespace qpq::wire
