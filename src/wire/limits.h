#pragma once

#include <cstddef>
#include <cstdint>

#include "base/time.h"

namespace qpq::wire {

// Longer names break every screen they are shown on, and one byte of length fits every index.
inline constexpr std::size_t kUserNameSizeMax = 64;

// Devices of one account, revoked ones included: they never leave the list. A list of this size stays below 64 KiB, so
// any call can carry it.
inline constexpr std::size_t kListedDevicesMax = 1024;

// 128 bits: below that, whoever holds the vault could guess the recovery key.
inline constexpr std::size_t kRecoveryKeySizeMin = 16;

// Receipt keys one ServerInfo names: monthly rotation for 85 years.
inline constexpr std::size_t kReceiptKeysMax = 1024;

// An envelope of kind message or proposal, and any envelope or Welcome that travels inside the call: one RPC message
// stays small enough not to block others on the control stream.
inline constexpr std::size_t kInlineSizeMax = 64 * 1024;
// A commit envelope or Welcome uploaded on a stream of its own: a cold commit of 10 000 members in the product's suite.
inline constexpr std::size_t kUploadSizeMax = 16 * 1024 * 1024;

// A flush has at most 2^32 - 1 receipts, so no path is longer.
inline constexpr std::size_t kMerklePathMax = 32;

inline constexpr std::size_t kConversationNameSizeMax = 256;
// Accounts with a role above member. The list stands in every GroupInfo and every change of it in a commit.
inline constexpr std::size_t kGrantsMax = 1024;

// Typing, presence, ringing: sent often, to everyone, never stored.
inline constexpr std::size_t kEphemeralSealedSizeMax = 8 * 1024;

// A file's name, as long as most disks take. A file: its chunks' tags, which whoever sends it keeps (client/files), then
// take 16 MiB.
inline constexpr std::size_t kFileNameSizeMax = 255;
inline constexpr uint64_t kFileSizeMax = uint64_t{64} * 1024 * 1024 * 1024;

// A key package whose private half leaks is of use to the thief no longer than this.
inline constexpr uint64_t kKeyPackageLifetimeMaxMs = 90 * kDayMs;

}  // namespace qpq::wire
