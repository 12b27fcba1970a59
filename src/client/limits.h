#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace qpq::client {

// Key packages of one device that wait at the server. Each lets one person add it to one conversation while it is away;
// below half the engine makes more.
inline constexpr uint32_t kKeyPackagesKept = 25;
// How many may be made at once: a device that enters an account with many conversations needs one for each.
inline constexpr uint32_t kKeyPackagesAtOnceMax = 250;
// Of a key package. Below the server's 90 days by a day, since clocks differ; it begins an hour ago for the same
// reason.
inline constexpr uint64_t kKeyPackageLifetimeMs = 89 * kDayMs;
inline constexpr uint64_t kKeyPackageBackdatedMs = kHourMs;
// How long a private half outlives its package's lifetime: a Welcome may lie in a log that long before it is read.
inline constexpr uint64_t kPrivateHalfKeptMs = 30 * kDayMs;

// Raw entries are kept so that a restored server can be given back what it lost.
inline constexpr uint64_t kRawEntriesKeptMs = 7 * kDayMs;
// Of one call that gives back: twice a page, so that at least one page fits.
inline constexpr std::size_t kRefillEntriesMax = 256;
inline constexpr std::size_t kRefillBytesMax = 512 * 1024;
// How long nothing is sent to a log of which perhaps others can give back what must come first. If commits are missing
// there, going on without them loses the group, and so it waits until nobody can have them raw any more.
inline constexpr uint64_t kRefillPatienceMs = kHourMs;
inline constexpr uint64_t kRefillCommitsPatienceMs = kRawEntriesKeptMs;

// Another member's leave is committed by whoever comes first in rank; each rank waits so much longer than the one
// before it, so that members do not all commit at once.
inline constexpr uint64_t kCoverLeaveStepMs = 2 * kSecondMs;

// How long a server keeps a file that nobody drops (docs/protocol/bulk.md).
inline constexpr uint64_t kFileKeptMs = 30 * kDayMs;
// What an unfinished upload of a file was sealed as is kept as long.
inline constexpr uint64_t kUploadKeptMs = kFileKeptMs;

// Rows one question to the history answers, far above what a screen holds.
inline constexpr uint32_t kHistoryRowsMax = 10'000;

// Accounts invited by one change. Their key packages stand in the outbox row and in one commit.
inline constexpr std::size_t kInvitationsMax = 1'000;

}  // namespace qpq::client
