#include "mls/group/commit_effects.h"

#include <utility>

namespace qpq::mls {

std::vector<Member> membersOf(const RatchetTree& tree) {
  std::vector<Member> members;
  tree.forEach([&](NodeIndex at, const LeafNode* leaf, const ParentNode*) {
    if (leaf != nullptr) members.push_back({toLeaf(at), leaf->credential, leaf->signatureKey});
  });
  return members;
}

CommitEffects describeCommit(LeafIndex committer, ByteView authenticatedData, const ProposalList& proposals,
                             std::span<const LeafIndex> added, const RatchetTree& before, const GroupContext& context,
                             const RatchetTree& after) {
  CommitEffects effects{
      .committer = committer, .epoch = context.epoch.next(), .authenticatedData = toBytes(authenticatedData)};
  auto updated = [&](LeafIndex leaf) { effects.updated.push_back({leaf, *before.leaf(leaf), *after.leaf(leaf)}); };
  auto nextAdded = added.begin();
  for (const CommittedProposal& item : proposals) {
    if (const auto* add = item.proposal->as<Add>()) {
      effects.added.push_back({*nextAdded++, add->keyPackage.leafNode, item.sender});
    } else if (const auto* remove = item.proposal->as<Remove>()) {
      effects.removed.push_back({remove->removed, *before.leaf(remove->removed), item.sender});
    } else if (item.proposal->as<SelfRemove>() != nullptr) {
      effects.removed.push_back({item.sender, *before.leaf(item.sender), item.sender});
    } else if (item.proposal->as<Update>() != nullptr) {
      updated(item.sender);
    } else if (const auto* changed = item.proposal->as<GroupContextExtensions>()) {
      effects.extensions = ExtensionsChanged{context.extensions, changed->extensions, item.sender};
    } else if (const auto* psk = item.proposal->as<PreSharedKey>()) {
      effects.psks.push_back(psk->psk);
    }
  }
  if (*before.leaf(committer) != *after.leaf(committer)) updated(committer);
  return effects;
}

}  // namespace qpq::mls
