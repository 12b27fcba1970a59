#pragma once

#include <cstddef>
#include <cstdint>

// How large things may grow before anybody has proven anything. One encoded byte can become a few hundred in memory, so
// a list is bounded by a count as well as by its input.
namespace qpq::mls {

// Leaves of a tree, blank ones included: a power of two. A post-quantum tree of this size is over 100 MiB on the wire,
// far beyond what one Welcome may carry (16 MiB); hashing it blank takes a few hundredths of a second.
inline constexpr uint32_t kTreeLeavesMax = 1U << 16;
inline constexpr uint32_t kTreeNodesMax = 2 * kTreeLeavesMax - 1;

// Nodes of an update path: one per level above the leaves.
inline constexpr std::size_t kUpdatePathNodesMax = 16;
static_assert(kTreeLeavesMax == 1U << kUpdatePathNodesMax);

// Copies of one path secret: at worst one per leaf on the other side of the root.
inline constexpr std::size_t kCiphertextsPerNodeMax = kTreeLeavesMax / 2;

// Proposals of one commit. A group is filled with a few thousand members in one commit; each takes about 500 bytes in
// memory even when it is a two-byte reference.
inline constexpr std::size_t kProposalsPerCommitMax = 16'384;

// Newcomers of one Welcome: as many as one commit can add.
inline constexpr std::size_t kWelcomeSecretsMax = kProposalsPerCommitMax;

// Pre-shared keys named by one GroupSecrets: each costs a look-up and two key derivations.
inline constexpr std::size_t kPreSharedKeysMax = 256;

// Extensions of one list. The RFC defines five types; GREASE and applications add a handful.
inline constexpr std::size_t kExtensionsMax = 256;

// Components of one app_data_dictionary: applications that share a group are few.
inline constexpr std::size_t kComponentsMax = 256;

// Certificates of one X.509 credential: chains in the wild have two to four.
inline constexpr std::size_t kCertificatesMax = 16;

// Senders outside the group one external_senders extension may name.
inline constexpr std::size_t kExternalSendersMax = 256;

// How many messages ahead of the newest seen of its sender a message may lie within one epoch. Senders skip numbers
// when a message is refused or pruned unseen; each step costs one key derivation, and a number is not signed.
inline constexpr uint32_t kForwardStepsMax = 2'000;

// Keys kept per ratchet for messages that were overtaken; older ones are lost. 45 to 60 bytes each.
inline constexpr uint32_t kSkippedKeysMax = 64;

// What a gap told to the group may add to kForwardStepsMax in one epoch: half a second of derivations.
inline constexpr uint32_t kForwardAllowanceMax = 100'000;

// Proposals kept for one epoch until a commit names them. A commit follows the first one soon.
inline constexpr std::size_t kStoredProposalsMax = 1'024;

// Past epochs whose resumption_psk is kept (§8.6): enough for a commit that refers to the epoch it was planned in.
inline constexpr std::size_t kResumptionPsksMax = 4;

// A pre-published leaf is not taken for longer: 90 days (§7.2).
inline constexpr uint64_t kKeyPackageLifetimeMaxSeconds = 90 * 24 * 3'600;

}  // namespace qpq::mls
