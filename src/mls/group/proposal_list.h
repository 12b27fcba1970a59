#pragma once

#include <optional>
#include <span>
#include <vector>

#include "mls/error.h"
#include "mls/group/public_epoch.h"
#include "mls/message/commit.h"

// RFC 9420 §12.2, §12.3: which proposals may stand together in a commit, and what they do. Used alike by the author of
// a commit and by everybody who receives it.
namespace qpq::mls {

// One proposal of a commit with whom it comes from. Borrowed from the commit or the store.
struct CommittedProposal {
  const Proposal* proposal;
  Sender sender;
  const StoredProposal* stored;  // if the commit names it by reference, nullptr otherwise
};
using ProposalList = std::vector<CommittedProposal>;

// The proposals a commit names: unknownProposalRef (index: place in the list).
Result<ProposalList> resolveProposals(const Commit& commit, const ProposalStore& store, const Sender& committer);

// RFC 9420 §12.2 for the list as a whole; what stands in it has passed checkProposal(). The index of an error is the
// place in the list: updateByCommitter, removeOfCommitter, selfRemoveByCommitter, selfRemoveByValue,
// conflictingProposals, duplicateAdd, addOfMember, duplicatePsk, multipleGroupContextExtensions, reInitNotAlone,
// appDataConflict; for a commit of a new member externalCommitProposals.
Result<void> checkProposalList(const ProposalList& proposals, const RatchetTree& tree, const Sender& committer);

// Every SelfRemove that was received in the epoch stands in the list: selfRemoveNotCovered (leaf index).
Result<void> checkSelfRemovesCovered(const ProposalList& proposals, const ProposalStore& store);

// §12.4: whether the list, or its being empty, asks for an update path.
bool pathRequired(const ProposalList& proposals, const GroupPolicy& policy);

struct AppliedProposals {
  RatchetTree tree;
  Extensions extensions;
  std::vector<LeafIndex> added = {};    // ascending, in the order of the Adds
  std::vector<LeafIndex> updated = {};  // by Update proposals
  PreSharedKeyIDs psks = {};
  std::optional<ExternalInit> externalInit = {};
  std::optional<ReInit> reInit = {};
};
// §12.3. `proposals` has passed the checks above; treeTooLarge if the Adds do not fit, the codes of applyAppData().
Result<AppliedProposals> applyProposals(const ProposalList& proposals, const PublicEpoch& before,
                                        std::span<const AppComponent> components);

}  // namespace qpq::mls
