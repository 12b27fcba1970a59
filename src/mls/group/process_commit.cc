#include "mls/group/process_commit.h"

#include "mls/group/proposal_list.h"
#include "mls/tree/treekem.h"
#include "mls/tree/update_path.h"
#include "mls/tree/validate.h"

namespace qpq::mls {
namespace {

// §12.1 for the proposals that come with the commit; those named by reference were checked when they came.
Result<void> checkInlineProposals(const ProposalList& proposals, const EpochState& before) {
  for (uint32_t place = 0; place < proposals.size(); ++place) {
    const CommittedProposal& item = proposals[place];
    if (item.how == ProposalOrRefType::reference) continue;
    auto checked = checkProposal(before.tree, before.context, *item.proposal, item.sender);
    if (!checked) return fail(checked.error().code, place);
  }
  return {};
}

// §12.4.2: the tree after the path, or after the proposals alone.
Result<RatchetTree> mergedTree(const EpochState& before, const AppliedProposals& applied, LeafIndex committer,
                               const std::optional<UpdatePath>& path) {
  if (!path) return applied.tree;
  return mergePath(applied.tree, before.context.groupId, committer, *path, applied.added);
}

// The private part: our keys of the next tree, and the secret the path carries.
Result<OpenedPath> openSecrets(const EpochState& before, const AppliedProposals& applied, const ProvisionalEpoch& next,
                               LeafIndex committer, const std::optional<UpdatePath>& path) {
  TreeKeys keys = before.keys.carriedOver(before.tree, applied.tree);
  if (!path) return OpenedPath{std::move(keys), zeroSecret(before.suite())};
  auto opened = openPath(next.tree, keys, committer, *path, applied.added, encode(next.context));
  if (!opened) return fail(ErrorCode::badPath, opened.error().index);
  return opened;
}

}  // namespace

Result<void> checkNextTree(const EpochState& before, const ProvisionalEpoch& next, const AppliedProposals& applied,
                           std::optional<LeafIndex> committer) {
  std::vector<LeafIndex> changed = applied.added;
  changed.insert(changed.end(), applied.updated.begin(), applied.updated.end());
  if (committer) changed.push_back(*committer);
  TRY(validateChangedLeaves(next.tree, next.context, changed));
  if (next.context.extensions != before.context.extensions) TRY(validateRequirements(next.tree, next.context));
  return {};
}

Result<ProcessedCommit> processCommit(const EpochState& before, const ProposalStore& store,
                                      const AuthenticatedContent& message, LeafIndex committer, const PskSource& psks) {
  const Commit& commit = *message.content.content.as<Commit>();
  ProposalList proposals = TRY(resolveProposals(commit, store, committer));
  TRY(checkInlineProposals(proposals, before));
  TRY(checkProposalList(proposals, before.tree, committer));
  TRY(checkSelfRemovesCovered(proposals, store));
  if (!commit.path && pathRequired(proposals)) return fail(ErrorCode::pathMissing);

  AppliedProposals applied = TRY(applyProposals(proposals, before.tree, before.context.extensions));
  RatchetTree tree = TRY(mergedTree(before, applied, committer, commit.path));
  ProvisionalEpoch next = provisionalEpoch(before, std::move(tree), applied.extensions);
  TRY(checkNextTree(before, next, applied, commit.path ? std::optional(committer) : std::nullopt));

  ProcessedCommit processed{.effects = describeCommit(committer, message.content.authenticatedData, proposals,
                                                      applied.added, before.tree, before.context, next.tree),
                            .provisional = next,
                            .next = {}};
  for (const MemberRemoved& removed : processed.effects.removed) {
    if (removed.leaf == before.ownLeaf()) return processed;
  }
  SecretBytes pskSecret = TRY(pskSecretOf(before.suite(), applied.psks, psks));
  OpenedPath opened = TRY(openSecrets(before, applied, next, committer, commit.path));
  BegunEpoch begun = beginEpoch(before, std::move(next), std::move(opened.keys), before.signatureKey.clone(), message,
                                opened.commitSecret.expose(), pskSecret.expose());
  if (!constantTimeEqual(begun.confirmationTag, message.auth.confirmationTag)) return fail(ErrorCode::confirmationTag);
  processed.next = std::move(begun.state);
  return processed;
}

}  // namespace qpq::mls
