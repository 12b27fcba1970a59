#include "mls/group/create_commit.h"

#include <algorithm>

#include "mls/framing/content.h"
#include "mls/group/process_commit.h"
#include "mls/group/proposal_list.h"
#include "mls/group/welcome.h"
#include "mls/tree/treekem.h"

namespace qpq::mls {
namespace {

// The order matters to nobody but Adds, which take their places in it.
Commit commitOf(const CommitPlan& plan, const ProposalStore& store) {
  Commit commit;
  auto byValue = [&](auto proposal) { commit.proposals.push_back({Proposal{std::move(proposal)}}); };
  auto byReference = [&](const ProposalRef& ref) {
    ProposalOrRef item{ref};
    if (!std::ranges::contains(commit.proposals, item)) commit.proposals.push_back(std::move(item));
  };
  for (const StoredProposal* stored : store.received()) {
    if (stored->proposal.as<SelfRemove>() != nullptr) byReference(stored->ref);
  }
  for (const ProposalRef& ref : plan.references) byReference(ref);
  if (plan.groupContextExtensions) byValue(GroupContextExtensions{*plan.groupContextExtensions});
  for (LeafIndex leaf : plan.removes) byValue(Remove{leaf});
  for (const VerifiedKeyPackage& add : plan.adds) byValue(Add{add.keyPackage()});
  return commit;
}

// A commit and what its proposals come to. The list borrows from the commit, so the two stay together and in place.
struct Draft {
  Draft(Commit commit, RatchetTree tree): commit(std::move(commit)), applied{.tree = std::move(tree)} {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  Commit commit;
  ProposalList proposals;
  AppliedProposals applied;
};

Result<void> fill(Draft& draft, const EpochState& before, const ProposalStore& store, const CommitPlan& plan) {
  for (const VerifiedKeyPackage& add : plan.adds) {
    if (add.keyPackage().cipherSuite != before.context.cipherSuite) return fail(ErrorCode::wrongSuite);
  }
  draft.proposals = TRY(resolveProposals(draft.commit, store, before.ownLeaf()));
  for (const CommittedProposal& item : draft.proposals) {
    bool proven = item.how == ProposalOrRefType::reference || item.proposal->as<Add>() != nullptr;
    if (!proven) TRY(checkProposal(before.tree, before.context, *item.proposal, item.sender));
  }
  TRY(checkProposalList(draft.proposals, before.tree, before.ownLeaf()));
  draft.applied = TRY(applyProposals(draft.proposals, before.tree, before.context.extensions));
  return {};
}

LeafNode ownLeafAfter(const EpochState& before, const LeafChanges& changes) {
  LeafNode leaf = *before.tree.leaf(before.ownLeaf());
  if (changes.credential) leaf.credential = *changes.credential;
  if (changes.capabilities) leaf.capabilities = *changes.capabilities;
  if (changes.extensions) leaf.extensions = *changes.extensions;
  if (changes.signatureKey != nullptr) leaf.signatureKey = changes.signatureKey->publicKey;
  return leaf;
}

SecretBytes signatureKeyAfter(const EpochState& before, const LeafChanges& changes) {
  return changes.signatureKey != nullptr ? changes.signatureKey->privateKey.clone() : before.signatureKey.clone();
}

// The key packages of the Adds beside the path secrets their owners can use.
std::vector<Newcomer> newcomersOf(const Draft& draft, const NewPath& path) {
  std::vector<Newcomer> newcomers;
  for (const CommittedProposal& item : draft.proposals) {
    const auto* add = item.proposal->as<Add>();
    if (add == nullptr) continue;
    newcomers.push_back({&add->keyPackage, path.secretFor(draft.applied.added[newcomers.size()])});
  }
  return newcomers;
}

// What a Welcome says beside the path secrets.
Result<GroupInfo> groupInfoFor(const EpochState& next, const MAC& confirmationTag, Extensions extensions) {
  extensions.items.push_back({ExtensionType::ratchetTree, encode(next.tree.nodes())});
  GroupInfo groupInfo{.groupContext = next.context,
                      .extensions = std::move(extensions),
                      .confirmationTag = confirmationTag,
                      .signer = next.ownLeaf()};
  // §12.4.3: verified with the leaf as it stands in the new tree, so signed with the new key if the commit brings one.
  return signGroupInfo(next.suite(), std::move(groupInfo), next.signatureKey.expose());
}

// §8.4: a nonce makes every use of a pre-shared key another input.
PreSharedKeyID pskIdFor(const crypto::Suite& suite, const Bytes& id, Random& random) {
  PreSharedKeyID result{.psk = {ExternalPSK{id}}, .pskNonce = Bytes(crypto::hashSize(suite.hash))};
  random.fill(result.pskNonce);
  return result;
}

// §13.4: no list holds a type twice; ratchet_tree is ours to add.
Result<void> checkExtensions(const CommitOptions& options) {
  bool twice = options.groupInfoExtensions.hasDuplicate() ||
               options.groupInfoExtensions.find(ExtensionType::ratchetTree) != nullptr;
  return twice ? fail(ErrorCode::duplicateExtension) : Result<void>();
}

}  // namespace

Result<CommitPreview> previewCommit(const EpochState& before, const ProposalStore& store, const CommitPlan& plan) {
  Draft draft(commitOf(plan, store), before.tree);
  TRY(fill(draft, before, store, plan));
  CommitPreview preview{membersOf(draft.applied.tree), draft.applied.added};
  LeafNode own = ownLeafAfter(before, plan.ownLeaf);
  auto self = std::ranges::find(preview.members, before.ownLeaf(), &Member::leaf);
  *self = {before.ownLeaf(), std::move(own.credential), std::move(own.signatureKey)};
  return preview;
}

Result<NewCommit> createCommit(const EpochState& before, const ProposalStore& store, const CommitPlan& plan,
                               CommitOptions options, const PskSource& psks, Random& random) {
  const crypto::Suite& suite = before.suite();
  LeafIndex self = before.ownLeaf();
  TRY(checkExtensions(options));
  Commit commit = commitOf(plan, store);
  for (const Bytes& id : plan.externalPsks) {
    commit.proposals.push_back({Proposal{PreSharedKey{pskIdFor(suite, id, random)}}});
  }
  Draft draft(std::move(commit), before.tree);
  TRY(fill(draft, before, store, plan));
  SecretBytes pskSecret = TRY(pskSecretOf(suite, draft.applied.psks, psks));

  SecretBytes signatureKey = signatureKeyAfter(before, plan.ownLeaf);
  TreeKeys keys = before.keys.carriedOver(before.tree, draft.applied.tree);
  NewPath path = TRY(makePath(draft.applied.tree, keys, ownLeafAfter(before, plan.ownLeaf), before.context.groupId,
                              signatureKey.expose(), random));
  ProvisionalEpoch provisional = provisionalEpoch(before, path.tree, draft.applied.extensions);
  TRY(checkNextTree(before, provisional, draft.applied, self));
  draft.commit.path = TRY(sealPath(path, draft.applied.added, encode(provisional.context), random));

  CommitEffects effects = describeCommit(self, options.authenticatedData, draft.proposals, draft.applied.added,
                                         before.tree, before.context, path.tree);
  FramedContent framed{.groupId = before.context.groupId,
                       .epoch = before.context.epoch,
                       .sender = {MemberSender{self}},
                       .authenticatedData = toBytes(options.authenticatedData),
                       .content = {draft.commit}};
  AuthenticatedContent content = TRY(
      signContent(suite, before.signatureKey.expose(), options.wireFormat, std::move(framed), encode(before.context)));
  BegunEpoch begun = beginEpoch(before, std::move(provisional), path.keys.clone(), std::move(signatureKey), content,
                                path.commitSecret.expose(), pskSecret.expose());
  content.auth.confirmationTag = begun.confirmationTag;

  std::optional<Welcome> welcome;
  if (!draft.applied.added.empty()) {
    GroupInfo info = TRY(groupInfoFor(begun.state, begun.confirmationTag, std::move(options.groupInfoExtensions)));
    welcome = TRY(sealWelcome(suite, info, begun.joinerSecret.expose(), pskSecret.expose(), draft.applied.psks,
                              newcomersOf(draft, path), random));
  }
  return NewCommit{std::move(content), std::move(effects), std::move(begun.state), std::move(welcome)};
}

}  // namespace qpq::mls
