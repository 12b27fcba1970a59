#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace qpq::client {

// How long a command waits for a connection that is being made before it answers `offline`.
inline constexpr uint64_t kOnlineWaitMs = 10 * kSecondMs;
// One handshake: its first flight goes out at 0, 1 and 3 s. On a bad line a fresh one soon does better than the fourth
// repetition after 7 s.
inline constexpr uint64_t kHandshakeTimeoutMs = 6 * kSecondMs;
// One attempt to reach and sign in at a server; a server that answers nothing must not hold up the next attempt.
inline constexpr uint64_t kConnectTimeoutMs = 20 * kSecondMs;
// How long an invitation or removal is waited for before it is left to the outbox.
inline constexpr uint64_t kSettleWaitMs = 10 * kSecondMs;

// How long a drop is waited for, and a connection to ask for it. A server that has gone without a word is missed by its
// connection only after a minute, and a person waits for the answer.
inline constexpr uint64_t kDropWaitMs = 15 * kSecondMs;

// Another device may change the account's list while this one is being put on it.
inline constexpr int kEnrolAttemptsMax = 5;

// Acknowledgements are lazy: a lost one costs a second reading, each one costs the server a write.
inline constexpr uint64_t kAcknowledgeDelayMs = 30 * kSecondMs;
inline constexpr std::size_t kAcknowledgeEntriesMax = 256;

// Places of one follow or acknowledge call, and of one page read: what the server allows.
inline constexpr std::size_t kPlacesPerCallMax = 1'024;
inline constexpr uint32_t kReadEntriesMax = 256;
inline constexpr uint32_t kReadBytesMax = 256 * 1024;

// After a restore: how soon it is looked again whether others have given back what must come first.
inline constexpr uint64_t kRefillRetryMs = 2 * kSecondMs;
inline constexpr uint64_t kRefillRetryMsMax = kMinuteMs;

// Key packages are a finite good, and the server gives them out at a rate: so long an invitation waits for one.
inline constexpr uint64_t kInviteWaitMs = 15 * kSecondMs;

// A bulk stream that does not move one chunk in so long is given up, as the server does it.
inline constexpr std::size_t kBulkChunkSize = 64 * 1024;
inline constexpr uint64_t kBulkStallMs = 15 * kSecondMs;
// How long to wait where the server names no time, and how often an upload is tried anew. Together longer than a server
// takes to notice that the stream of a client that was killed is dead: until then it lets nobody go on with its upload.
inline constexpr uint64_t kBulkRetryMs = 3 * kSecondMs;
inline constexpr int kUploadAttemptsMax = 10;
// How often a server may end a file too early at one place: it may have been dropped meanwhile, which the next answer
// says.
inline constexpr int kEarlyEndsMax = 3;

// Chunks sealed in one job, some milliseconds of work: a transfer that nobody awaits any more ends soon.
inline constexpr uint64_t kSealStepChunks = 64;
// How often the listeners hear of one transfer.
inline constexpr uint64_t kTransferNewsMax = 100;

inline constexpr std::size_t kRecoveryKeySize = 20;  // 160 bits: 32 letters and digits, eight groups less one dash

}  // namespace qpq::client
