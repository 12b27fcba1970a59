#include "mls/group/commit_effects.h"

#include <utility>

namespace qpq::mls {
namespace {

// One proposal after the other, as it stands in the commit.
class Description {
 public:
  Description(CommitEffects& effects, const AppliedProposals& applied, const PublicEpoch& before,
              const RatchetTree& after)
      : effects_(effects), applied_(applied), before_(before), after_(after), nextAdded_(applied.added.begin()) {}

  void tell(const CommittedProposal& item) {
    const Proposal& proposal = *item.proposal;
    if (const auto* add = proposal.as<Add>()) {
      effects_.added.push_back({*nextAdded_++, add->keyPackage.leafNode, item.sender});
    } else if (const auto* remove = proposal.as<Remove>()) {
      removed(remove->removed, item.sender);
    } else if (proposal.as<SelfRemove>() != nullptr) {
      removed(item.sender.as<MemberSender>()->leafIndex, item.sender);
    } else if (proposal.as<Update>() != nullptr) {
      updated(item.sender.as<MemberSender>()->leafIndex);
    } else if (proposal.as<GroupContextExtensions>() != nullptr || proposal.as<AppDataUpdate>() != nullptr) {
      extensionsChanged(item.sender);
    } else if (const auto* psk = proposal.as<PreSharedKey>()) {
      effects_.psks.push_back(psk->psk);
    } else if (proposal.as<UnknownProposal>() != nullptr || proposal.as<AppEphemeral>() != nullptr) {
      effects_.custom.push_back({proposal, item.sender});
    }
  }

  void updated(LeafIndex leaf) { effects_.updated.push_back({leaf, *before_.tree.leaf(leaf), *after_.leaf(leaf)}); }

 private:
  void removed(LeafIndex leaf, const Sender& proposer) {
    effects_.removed.push_back({leaf, *before_.tree.leaf(leaf), proposer});
  }
  void extensionsChanged(const Sender& proposer) {
    if (!effects_.extensions) effects_.extensions = {before_.context.extensions, applied_.extensions, proposer};
  }

  CommitEffects& effects_;
  const AppliedProposals& applied_;
  const PublicEpoch& before_;
  const RatchetTree& after_;
  std::vector<LeafIndex>::const_iterator nextAdded_;
};

}  // namespace

std::vector<Member> membersOf(const RatchetTree& tree) {
  std::vector<Member> members;
  tree.forEachLeaf([&](LeafIndex index, LeafView leaf) {
    members.push_back({index, leaf.credential(), toBytes(leaf.signatureKey())});
  });
  return members;
}

CommitEffects describeCommit(const FramedContent& commit, LeafIndex committer, const ProposalList& proposals,
                             const AppliedProposals& applied, const PublicEpoch& before, const RatchetTree& after) {
  bool external = commit.sender.type() == SenderType::newMemberCommit;
  CommitEffects effects{.kind = external ? CommitKind::external : CommitKind::member,
                        .committer = committer,
                        .epoch = before.context.epoch.next(),
                        .authenticatedData = commit.authenticatedData,
                        .reInit = applied.reInit};
  Description description(effects, applied, before, after);
  for (const CommittedProposal& item : proposals) description.tell(item);
  if (external) {
    effects.added.push_back({committer, *after.leaf(committer), commit.sender});
  } else if (!equal(before.tree.leafView(committer)->encoded(), after.leafView(committer)->encoded())) {
    description.updated(committer);
  }
  return effects;
}

}  // namespace qpq::mls
