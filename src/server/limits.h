#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

// Every bound of the server, with its reason. Bounds on the bytes of a structure are wire/limits.h's.
namespace qpq::server {

// Loops of one server, a thread and a socket each. More than there are cores gain nothing; a connection id names its
// loop by one byte, and 64 is more cores than one store keeps busy.
inline constexpr uint32_t kLoopsMax = 64;

// Datagrams on their way from the loop they arrived at to the one they are for: about a socket's buffer. More are lost,
// as they would be there.
inline constexpr std::size_t kCarriedDatagramsMax = 4'096;

// ---- Memory: of the ceiling the operator sets (memory_max_mib)

// Up to here clients are let in; what is left is for what those who are in do.
inline constexpr uint64_t kMemoryAdmitPercent = 80;
// Above it clients are sent away, those first who have not signed in, then those who take the longest to read.
inline constexpr uint64_t kMemoryShedPercent = 90;
// Above it memory that is free is given back to the machine, which holds up everybody for a tenth of a second, and only
// if it is as much as what is left; below it stays where whoever comes next finds it.
inline constexpr uint64_t kMemoryGiveBackPercent = 95;
// How often it is looked: a thousand new clients, or answers that a hundred leave unread, between two looks are a tenth
// of a gigabyte.
inline constexpr uint64_t kMemoryNearPercent = 60;
inline constexpr uint64_t kMemoryLookMs = 100;
inline constexpr uint64_t kMemoryLookNearMs = 50;
// How often, while nobody is let in, memory that is free is counted.
inline constexpr uint64_t kMemoryCountMs = kSecondMs;
// What a client is taken to cost until it shows.
inline constexpr uint64_t kClientMemory = 96 * 1024;
// The least ceiling: the program, its caches and a few hundred clients.
inline constexpr uint32_t kMemoryMaxMiBMin = 64;
inline constexpr uint32_t kMemoryMaxMiBMax = 1 << 24;

// ---- Writing

// Operations of one transaction. Measured on the embedded store (reference/scale.md §2c): 64 rows a commit cost a fifth
// of 64 commits; beyond that the rate hardly grows and everyone waits longer.
inline constexpr std::size_t kFlushOperationsMax = 64;

// How often a flush is written of whose commit nobody hears whether it has happened. A store that loses one answer has
// mostly just been restarted; one that goes on losing them must not hold up everyone behind this flush.
inline constexpr int kFlushAttemptsMax = 3;

// Operations on one log that are written together though others came between (write_queue.h). Whoever waits is
// overtaken by fewer than so many for each log that stood before it.
inline constexpr std::size_t kBunchOperationsMax = 16;

// Operations waiting for the next flush. At some 10 000 a second this is under a second of work; beyond it the server
// is overloaded and says so instead of answering late.
inline constexpr std::size_t kWriteQueueMax = 4'096;

// Envelopes and Welcomes waiting with them. Above it the same.
inline constexpr std::size_t kWriteQueueBytesMax = 64 << 20;

// How long an acknowledgement may wait in memory for company. Losing one costs a second reading, never a message.
inline constexpr uint64_t kAcknowledgeDelayMs = 2 * kSecondMs;

// Acknowledgements in memory. More in two seconds are no device's honest work; what is dropped is given again.
inline constexpr std::size_t kAcknowledgementsWaitingMax = 65'536;
// Acknowledgements of one transaction's operation: each is two small updates.
inline constexpr std::size_t kAcknowledgementsPerWriteMax = 256;

// Places of one acknowledge or follow call: a device with more logs calls again.
inline constexpr std::size_t kPlacesMax = 1'024;

// ---- Reading and pushing

inline constexpr std::size_t kReadEntriesMax = 256;
// One page is one RPC message: larger ones would block other calls on the control stream. An entry with its Welcome is
// at most twice 64 KiB, so at least one always fits.
inline constexpr std::size_t kReadBytesMax = 256 * 1024;

// Logs of one page of the index.
inline constexpr std::size_t kIndexEntriesMax = 256;

// Pages a follower is sent without being asked to say that it has them, until one that it is.
inline constexpr std::size_t kToldPagesMax = 16;
inline constexpr std::size_t kToldBytesMax = 64 * 1024;
// What one follower may leave unanswered. A slow reader costs this much memory and no more; the rest waits in the log.
inline constexpr std::size_t kFollowPagesMax = 4;
inline constexpr std::size_t kFollowBytesMax = 512 * 1024;
// How long a follower waits when the store cannot be read.
inline constexpr uint64_t kFollowRetryMs = kSecondMs;
// Logs one follower may watch.
inline constexpr std::size_t kFollowedLogsMax = 16'384;
// Follow calls of one session that may live at once: a client needs one, and one more while it replaces it.
inline constexpr std::size_t kFollowersPerSessionMax = 4;

// What clients are told when the server stops on purpose, and how long it waits for them to hear it.
inline constexpr uint64_t kClosingAfterMs = 2 * kSecondMs;
inline constexpr uint64_t kClosingPatienceMs = kSecondMs;

// ---- Bulk: streams beside the control stream (docs/protocol/bulk.md)

// Streams of one connection at work at once. Each costs a buffer and a window; more bring nothing on one path.
inline constexpr std::size_t kBulkStreamsPerConnectionMax = 4;
// Tickets of one connection that nobody has used yet, and how long one is good for.
inline constexpr std::size_t kBulkTicketsPerConnectionMax = 8;
inline constexpr uint64_t kBulkTicketLifeMs = 30 * kSecondMs;
// What one stream moves between disk and network at a time. An upload holds two: one comes while the other is written.
inline constexpr std::size_t kBulkChunkSize = 64 * 1024;
// A stream that does not move one chunk in so long is ended: at 6.5 kB/s a modem goes on.
inline constexpr uint64_t kBulkStallMs = 10 * kSecondMs;

// What one account may hold uploaded, or announced, for commits that have not been appended: two of the largest with
// their Welcomes.
inline constexpr uint64_t kHeldForLogsMax = 64ULL * 1024 * 1024;
// What one account may hold as blobs, unless the operator says otherwise (blob_quota_mib), and the most he may say.
inline constexpr uint32_t kBlobQuotaMib = 50;
inline constexpr uint32_t kBlobQuotaMibMax = 1'000'000;
// A blob that nobody drops goes after this: as long as the message that names it.
inline constexpr uint64_t kBlobLifeMs = 30 * kDayMs;
// docs/protocol/wire.md: kept so long if no append names it.
inline constexpr uint64_t kHeldForLogMs = kHourMs;
// How long what has arrived of an unfinished upload is kept.
inline constexpr uint64_t kUnfinishedLifeMs = kDayMs;
// Files a sweep looks for in the store at once.
inline constexpr std::size_t kSweepFilesMax = 256;
// How often the folder is compared with the store. Only a crash between the two leaves a file nobody names.
inline constexpr uint64_t kSweepFilesIntervalMs = kDayMs;

// ---- Keeping

// design.md §3: an entry that not every device acknowledged goes after this, by the time of growOlder() (retention.h).
inline constexpr uint64_t kEntryLifeMs = 30 * kDayMs;
// An entry id is remembered so long beyond the entry, so that a client back from a month away still gets its receipt.
inline constexpr uint64_t kEntryIdLifeMs = kEntryLifeMs + 30 * kDayMs;
// How often the server looks for what has outlived these.
inline constexpr uint64_t kSweepIntervalMs = 10 * kMinuteMs;
// Rows one sweep touches per transaction: longer ones would hold up appends.
inline constexpr std::size_t kSweepRowsMax = 512;

// After a restore, how long nothing is appended while clients give back what the backup lacks, unless the operator says
// otherwise. Whoever is online is back within seconds; most others come too late whatever one waits.
inline constexpr uint64_t kRefillWindowMs = 2 * kMinuteMs;
inline constexpr uint64_t kRefillWindowMsMax = 7 * kDayMs;  // clients keep what they have read so long

// ---- Verifying

// Rows and entries one transaction of `verify` reads: a longer view would keep the writer's log from being reused.
// Entries are few, since each may bring 128 KiB.
inline constexpr std::size_t kVerifyRowsMax = 256;
inline constexpr std::size_t kVerifyEntriesMax = 64;

// ---- People

// Active devices of one account. Each is a leaf in each of its groups, so everyone pays for them.
inline constexpr std::size_t kActiveDevicesMax = 16;

// Key packages one device keeps (design.md §5); one that has just been added keeps one per log of its account.
inline constexpr std::size_t kKeyPackagesPerDevice = 25;
inline constexpr std::size_t kKeyPackagesPerDeviceMax = 250;
// A package in the product's suite takes about 3 KiB; ten times that is no package of ours.
inline constexpr std::size_t kKeyPackageSizeMax = 32 * 1024;
// How long a taken package can be asked for again with the same request id.
inline constexpr uint64_t kTakeMemoryMs = 7 * kDayMs;

inline constexpr uint32_t kLogsPerAccountAndDay = 100;

// Invite codes of a server, remembered ones included: more than an operator hands out, few enough to list.
inline constexpr std::size_t kInvitesMax = 4'096;
// Accounts one code may make, and days it may be good for, unless the operator says otherwise and at most.
inline constexpr uint32_t kInviteUses = 1;
inline constexpr uint32_t kInviteUsesMax = 10'000;
inline constexpr uint32_t kInviteDays = 7;
inline constexpr uint32_t kInviteDaysMax = 365;
// How long after its end whoever comes with a code is told that it has expired.
inline constexpr uint64_t kInviteRememberedMs = 30 * kDayMs;

// A login that nobody finishes keeps 200 bytes and the right to one guess.
inline constexpr uint64_t kLoginLifeMs = kMinuteMs;

inline constexpr std::size_t kPingSizeMax = 1'024;

// ---- Rates: so many at once, then one per interval (reference/peers.md §5)

struct Rate {
  uint32_t burst;
  uint64_t refillMs;  // for one more
};

// A guess at a password is one login. Per name it bounds what an attacker with many addresses can try; per address what
// one attacker can try at many names.
inline constexpr Rate kLoginPerName{10, 30 * kSecondMs};
inline constexpr Rate kLoginPerAddress{60, kSecondMs};
inline constexpr Rate kRegisterPerAddress{20, 30 * kSecondMs};
// Steps of changing a password: two for each change. The first is evaluated under the key a login is, so whoever has
// taken over a device guesses no faster here than there.
inline constexpr Rate kVaultStepsPerAccount{10, 5 * kMinuteMs};
inline constexpr Rate kLookupPerAccount{100, 9 * kSecondMs};
// One takes for each person added; a target's packages are a finite good.
inline constexpr Rate kTakePerAccount{60, 10 * kSecondMs};
inline constexpr Rate kTakePerTarget{60, 10 * kSecondMs};
inline constexpr Rate kMessagesPerDevice{120, 50};
// A commit costs every member of the group a path.
inline constexpr Rate kCommitsPerDevice{30, kSecondMs};
// What one device adds to one log in a day: small ones cost rows where large ones cost bytes. Commits are not counted.
inline constexpr Rate kEntriesPerLogAndDevice{100'000, kDayMs / 100'000};
inline constexpr Rate kAsksPerLogAndDevice{3, 8 * kHourMs};
inline constexpr Rate kDirectPerAccount{60, 10 * kSecondMs};
// Uploads and downloads begun: each opens files, the first also writes a row.
inline constexpr Rate kUploadsPerAccount{60, 2 * kSecondMs};
inline constexpr Rate kDownloadsPerAccount{240, 250};

// Envelope bytes one device may add to one log in a day. Commits are counted but never refused for it.
inline constexpr uint64_t kLogBytesPerDeviceAndDay = 256ULL * 1024 * 1024;

// Keys one table of rates remembers. Full, it forgets those that have been quiet longest.
inline constexpr std::size_t kRateKeysMax = 65'536;

}  // namespace qpq::server
