#include "mls/group/judge_commit.h"

#include <algorithm>

#include "mls/group/check_proposal.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/update_path.h"
#include "mls/tree/validate.h"

namespace qpq::mls {
namespace {

// §12.4.2: the tree after the path, or after the proposals alone, and where the committer stands in it.
struct Merged {
  RatchetTree joined;
  RatchetTree tree;
  LeafIndex committer;
};

// §12.2: the leaf that takes a removed one's place meets the rules of an Update for it.
Result<void> checkResync(const PublicView& view, const ProposalList& proposals, const LeafNode& leaf) {
  for (const CommittedProposal& item : proposals) {
    const auto* remove = item.proposal->as<Remove>();
    if (remove == nullptr) continue;
    if (view.policy.externalCommits != ExternalCommits::joinAndResync) return fail(ErrorCode::unsupported);
    TRY(checkReplacement(*view.epoch.tree.encryptionKey(toNode(remove->removed)), leaf, LeafNodeSource::commit));
  }
  return {};
}

Result<Merged> merge(const PublicView& view, const AppliedProposals& applied, const ProposalList& proposals,
                     const AuthenticatedContent& message) {
  const Commit& commit = *message.content.content.as<Commit>();
  const Bytes& groupId = view.epoch.context.groupId;
  if (const auto* member = message.content.sender.as<MemberSender>()) {
    if (!commit.path) return Merged{applied.tree, applied.tree, member->leafIndex};
    RatchetTree tree = TRY(mergePath(applied.tree, groupId, member->leafIndex, *commit.path, applied.added));
    return Merged{applied.tree, std::move(tree), member->leafIndex};
  }
  TRY(checkResync(view, proposals, commit.path->leafNode));
  MergedJoiner merged = TRY(mergeJoinerPath(applied.tree, groupId, *commit.path));
  return Merged{std::move(merged.joined), std::move(merged.tree), merged.leaf};
}

}  // namespace

Result<void> checkInlineProposals(const PublicView& view, const ProposalList& proposals) {
  return checkEachPart(view.executor, proposals.size(), [&](std::size_t place) -> Result<void> {
    const CommittedProposal& item = proposals[place];
    if (item.stored != nullptr) return {};
    auto checked = checkProposal(view, *item.proposal, item.sender);
    return checked ? Result<void>() : fail(checked.error().code, static_cast<uint32_t>(place));
  });
}

Result<void> checkNextTree(const PublicEpoch& before, const ProvisionalEpoch& next, const AppliedProposals& applied,
                           std::optional<LeafIndex> committer, std::span<const LeafIndex> unproven,
                           Executor* executor) {
  std::vector<LeafIndex> changed = applied.added;
  changed.insert(changed.end(), applied.updated.begin(), applied.updated.end());
  if (committer) changed.push_back(*committer);
  TRY(validateChangedLeaves(next.tree, next.context, changed, unproven, executor));
  if (next.context.extensions != before.context.extensions) TRY(validateRequirements(next.tree, next.context));
  return {};
}

Result<JudgedCommit> judgeCommit(const PublicView& view, const AuthenticatedContent& message) {
  const PublicEpoch& before = view.epoch;
  const Commit& commit = *message.content.content.as<Commit>();
  const Sender& sender = message.content.sender;
  ProposalList proposals = TRY(resolveProposals(commit, view.proposals, sender));
  TRY(checkInlineProposals(view, proposals));
  TRY(checkProposalList(proposals, before.tree, sender));
  TRY(checkSelfRemovesCovered(proposals, view.proposals));
  if (!commit.path && pathRequired(proposals, view.policy)) return fail(ErrorCode::pathMissing);

  AppliedProposals applied = TRY(applyProposals(proposals, before, view.components));
  Merged merged = TRY(merge(view, applied, proposals, message));
  ProvisionalEpoch next = provisionalEpoch(before, std::move(merged.tree), applied.extensions);
  next.reInit = applied.reInit;
  // The leaf of an Update was proven when the proposal came, that of the path by merging it.
  TRY(checkNextTree(before, next, applied, commit.path ? std::optional(merged.committer) : std::nullopt, applied.added,
                    view.executor));
  CommitEffects effects = describeCommit(message.content, merged.committer, proposals, applied, before, next.tree);
  return JudgedCommit{std::move(effects), std::move(proposals), std::move(applied), std::move(merged.joined),
                      std::move(next)};
}

}  // namespace qpq::mls
