#pragma once

#include <span>
#include <vector>

#include "mls/error.h"
#include "mls/group/proposal_store.h"
#include "mls/message/commit.h"
#include "mls/message/group_info.h"
#include "mls/tree/ratchet_tree.h"

// RFC 9420 §12.2, §12.3: which proposals may stand together in a commit, and what they do. Used alike by the author of
// a commit and by everybody who receives it.
namespace qpq::mls {

// One proposal of a commit with the member it comes from. Borrowed from the commit or the store.
struct CommittedProposal {
  const Proposal* proposal;
  LeafIndex sender;
  ProposalOrRefType how;
};
using ProposalList = std::vector<CommittedProposal>;

// RFC 9420 §12.1, one proposal by itself in the epoch of `context` and `tree`, before it is stored or as it stands in a
// commit. Codes of checkKeyPackage(), checkReplacement(), and removeOfBlank, pskNonceLength, pskUsage,
// duplicateExtension, unsupported (ReInit), externalInitInside, unsupportedProposal (a type this build, or a SelfRemove
// some member, does not know).
Result<void> checkProposal(const RatchetTree& tree, const GroupContext& context, const Proposal& proposal,
                           LeafIndex sender);

// The proposals a commit names: unknownProposalRef (index: place in the list).
Result<ProposalList> resolveProposals(const Commit& commit, const ProposalStore& store, LeafIndex committer);

// RFC 9420 §12.2 for the list as a whole; what stands in it has passed checkProposal(). The index of an error is the
// place in the list: updateByCommitter, removeOfCommitter, selfRemoveByCommitter, selfRemoveByValue,
// conflictingProposals, duplicateAdd, addOfMember, duplicatePsk, multipleGroupContextExtensions.
Result<void> checkProposalList(const ProposalList& proposals, const RatchetTree& tree, LeafIndex committer);

// Every SelfRemove that was received in the epoch stands in the list: selfRemoveNotCovered (leaf index).
Result<void> checkSelfRemovesCovered(const ProposalList& proposals, const ProposalStore& store);

// §12.4: whether the list, or its being empty, asks for an update path.
bool pathRequired(const ProposalList& proposals);

struct AppliedProposals {
  RatchetTree tree;
  Extensions extensions;
  std::vector<LeafIndex> added;    // ascending, in the order of the Adds
  std::vector<LeafIndex> updated;  // by Update proposals
  PreSharedKeyIDs psks;
};
// §12.3. `proposals` has passed the checks above; treeTooLarge if the Adds do not fit.
Result<AppliedProposals> applyProposals(const ProposalList& proposals, const RatchetTree& tree,
                                        const Extensions& extensions);

}  // namespace qpq::mls
