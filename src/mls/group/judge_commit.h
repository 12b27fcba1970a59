#pragma once

#include "mls/group/commit_effects.h"

namespace qpq::mls {

// A commit that everybody who sees its bytes takes for valid: members and observers judge it by this one function.
struct JudgedCommit {
  CommitEffects effects;
  ProposalList proposals;  // borrowed from the commit and the store
  AppliedProposals applied;
  RatchetTree joined;            // `applied.tree`, with the committer's leaf if it enters by this commit
  ProvisionalEpoch provisional;  // after the path
};

// The public half of RFC 9420 §12.4.2. `message` is authentic. The codes of proposal_list.h and of checkProposal()
// (index: place), pathMissing, those of mergePath(), validateChangedLeaves() and validateRequirements(); unsupported
// for a resync the policy leaves out.
Result<JudgedCommit> judgeCommit(const PublicView& view, const AuthenticatedContent& message);

// Every proposal that stands in the commit itself by checkProposal(); those named by reference were checked when they
// came.
Result<void> checkInlineProposals(const PublicView& view, const ProposalList& proposals);

// The public tests that author and receivers share: the tree of the next epoch against its context. `committer` is
// the leaf a path has changed; `unproven` as in validateChangedLeaves().
Result<void> checkNextTree(const PublicEpoch& before, const ProvisionalEpoch& next, const AppliedProposals& applied,
                           std::optional<LeafIndex> committer, std::span<const LeafIndex> unproven,
                           Executor* executor = nullptr);

}  // namespace qpq::mls
