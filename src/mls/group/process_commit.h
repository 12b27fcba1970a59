#pragma once

#include <optional>

#include "mls/group/commit_effects.h"
#include "mls/group/epoch_state.h"
#include "mls/group/proposal_store.h"
#include "mls/group/psk_source.h"

namespace qpq::mls {

// A commit whose every rule holds, not applied yet.
struct ProcessedCommit {
  CommitEffects effects;
  ProvisionalEpoch provisional;    // the public part of the next epoch
  std::optional<EpochState> next;  // nothing if the commit removes us: its secrets are not for us
};

// RFC 9420 §12.4.2. `commit` is authentic: sent by `committer` in the epoch of `before`. Whether the commit is valid is
// decided by its bytes and public state first; only then the part meant for us is opened, so badPath tells a commit
// that may be valid for others. Beyond it: the codes of proposal_list.h (index: place), pathMissing, those of
// mergePath(), validateChangedLeaves() and validateRequirements(), unknownPsk, confirmationTag.
Result<ProcessedCommit> processCommit(const EpochState& before, const ProposalStore& store,
                                      const AuthenticatedContent& commit, LeafIndex committer, const PskSource& psks);

// The public tests that author and receivers share: the tree of the next epoch against its context.
Result<void> checkNextTree(const EpochState& before, const ProvisionalEpoch& next, const AppliedProposals& applied,
                           std::optional<LeafIndex> committer);

}  // namespace qpq::mls
