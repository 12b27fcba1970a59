#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "wire/error.h"
#include "wire/logs/envelope.h"
#include "wire/logs/terms.h"
#include "wire/people/certificate.h"
#include "wire/sorted.h"
#include "wire/types.h"

// What the server requires of an append, beyond LogEnvelope (the bytes) and Roster::after (the roster). The order is
// docs/protocol/wire.md's: sender, commitsSeen, roster, devices, Welcome. A client runs the same before it sends.
namespace qpq::wire {

// Whoever appends, as session and store show it.
struct Appender {
  RosterEntry device;       // of the session
  Certificate certificate;  // stored for that device
  bool isFounder = false;   // the account that created the log, or one of a direct log's pair
  bool isOnRoster = false;
  bool accountIsOnRoster = false;
};

// senderNotOnRoster, firstNotCommit, creatorNotAdded, otherCertificate, leaverDiffers. `commits` is the log's count.
Result<void> checkSender(const LogEnvelope& envelope, const Appender& appender, uint64_t commits);

// otherCommitsSeen: the sender must read on and write anew.
Result<void> checkCommitsSeen(const Terms& terms, uint64_t commits);

// In a direct log `added` names devices of the pair only: accountNotOfPair.
Result<void> checkAddedAccounts(const Terms& terms, const Sorted<AccountId>& pair);

// A Welcome comes exactly with a commit that adds anyone but its own committer: welcomeMissing, welcomeUnexpected;
// tooLarge above kUploadSizeMax.
Result<void> checkWelcome(const Terms& terms, const RosterEntry& committer, std::optional<std::size_t> welcomeSize);

}  // namespace qpq::wire
