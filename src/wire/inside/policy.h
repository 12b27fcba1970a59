#pragma once

#include <optional>
#include <vector>

#include "mls/message/types.h"
#include "wire/error.h"
#include "wire/inside/conversation.h"
#include "wire/inside/leaves.h"
#include "wire/logs/envelope.h"
#include "wire/logs/terms.h"
#include "wire/people/certificate.h"
#include "wire/sorted.h"
#include "wire/types.h"

// Rights in a group, policy version 1 (docs/protocol/wire.md). A commit is valid or not by its bytes and the state of
// its epoch alone: every member comes to the same answer, whatever it knows of the world outside.
namespace qpq::wire {

// A group in one epoch, as far as rights go.
struct EpochState {
  LogId log;
  Conversation conversation;
  Leaves leaves;
};

// What a commit does to it, as MLS has read it. It keeps MLS's own rules already.
struct CommitChange {
  RosterEntry committer;
  std::optional<VerifiedCertificate> committerLeaf;  // of the path, if there is one
  std::vector<mls::ProposalType> proposals;          // of every proposal it covers
  std::vector<VerifiedCertificate> added;
  Sorted<RosterEntry> removed;          // by Remove
  Sorted<RosterEntry> left;             // whose SelfRemove it covers
  std::optional<Bytes> conversation;    // the content of 0xF0C1 after it, if it changes that
  bool changesOtherExtensions = false;  // … of the GroupContext
};

// The epoch it makes. No conversation: its policy is one this program does not know; from here on it only reads.
struct NextEpoch {
  std::optional<Conversation> conversation;
  Leaves leaves;
};

// Judges a commit by the epoch before it; indices are into `proposals`, `added` or `removed`. `leaving` are the devices
// whose SelfRemove is stored in that epoch.
//   unknownLeaf, proposalNotAllowed, extensionsNotAllowed, selfRemoveNotCovered, committerLeaves: the commit's form
//   leafOwnerChanged, accountKeysDiffer, deviceTwice, accountNotOfPair: the leaves after it
//   addNotAllowed, removeNotAllowed, removesOwner, conversationNotAllowed: rights of its committer
//   conversationFixed, noOwner, and those of parseConversation: the conversation after it
//   addedNotNewLeaves, rosterNotLeaves: its terms
Result<NextEpoch> judge(const EpochState& before, const Sorted<RosterEntry>& leaving, const CommitChange& change,
                        const Terms& terms);

// In a direct conversation every leaf is of the pair: accountNotOfPair.
Result<void> checkPair(const Conversation& conversation, const Leaves& leaves);

// An ask as its readers see it: of an account in the tree, under that account's key. unknownLeaf, accountKeysDiffer.
Result<void> checkAsk(const VerifiedAsk& ask, const Leaves& leaves);

// A SelfRemove as its readers see it: its terms name its sender. leaverDiffers.
Result<void> checkLeave(const Terms& terms, const RosterEntry& sender);

}  // namespace qpq::wire
