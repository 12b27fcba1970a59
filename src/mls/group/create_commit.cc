#include "mls/group/create_commit.h"

#include <algorithm>

#include "mls/framing/content.h"
#include "mls/group/check_proposal.h"
#include "mls/group/judge_commit.h"
#include "mls/group/update_leaf.h"
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
  for (const Proposal& other : plan.others) commit.proposals.push_back({other});
  return commit;
}

// With fresh nonces: what makes each plan another commit.
void appendPsks(Commit& commit, const crypto::Suite& suite, const CommitPlan& plan, const PskSource& psks,
                Random& random) {
  auto append = [&](auto psk) {
    commit.proposals.push_back({Proposal{PreSharedKey{pskIdFor(suite, {std::move(psk)}, random)}}});
  };
  for (const Bytes& id : plan.externalPsks) append(ExternalPSK{id});
  for (const ResumptionPSK& psk : plan.resumptionPsks) append(psk);
  for (const PredecessorPsk& from : psks.predecessors) {
    append(ResumptionPSK{from.usage, from.key.groupId, from.key.epoch});
  }
}

// A commit and what its proposals come to. The list borrows from the commit, so the two stay together and in place.
struct Draft {
  Draft(Commit commit, RatchetTree tree)
      : commit(std::move(commit)), applied{.tree = std::move(tree), .extensions = {}} {}
  Draft(const Draft&) = delete;
  Draft& operator=(const Draft&) = delete;
  Commit commit;
  ProposalList proposals;
  AppliedProposals applied;
};

// A key package is proven by its type; the link to a predecessor is made by us, and allowed in a first commit only.
bool isProven(const CommittedProposal& item, const PskSource& psks) {
  if (item.stored != nullptr || item.proposal->as<Add>() != nullptr) return true;
  return !psks.predecessors.empty() && item.proposal->as<PreSharedKey>() != nullptr;
}

Result<void> fill(Draft& draft, const PublicView& view, LeafIndex self, const CommitPlan& plan, const PskSource& psks) {
  const PublicEpoch& before = view.epoch;
  Sender sender{MemberSender{self}};
  for (const VerifiedKeyPackage& add : plan.adds) {
    if (add.keyPackage().cipherSuite != before.context.cipherSuite) return fail(ErrorCode::wrongSuite);
  }
  draft.proposals = TRY(resolveProposals(draft.commit, view.proposals, sender));
  for (const CommittedProposal& item : draft.proposals) {
    if (!isProven(item, psks)) TRY(checkProposal(view, *item.proposal, item.sender));
  }
  TRY(checkProposalList(draft.proposals, before.tree, sender));
  draft.applied = TRY(applyProposals(draft.proposals, before, view.components));
  return {};
}

// The leaves whose signatures we neither made nor verified: those of Adds of others. An own leaf under a new signature
// key is among them, since nothing else holds the two halves of that key together.
std::vector<LeafIndex> unprovenLeaves(const Draft& draft, LeafIndex self, const CommitPlan& plan) {
  std::vector<LeafIndex> unproven;
  auto added = draft.applied.added.begin();
  for (const CommittedProposal& item : draft.proposals) {
    if (item.proposal->as<Add>() == nullptr) continue;
    if (item.stored != nullptr) unproven.push_back(*added);
    ++added;
  }
  if (plan.ownLeaf.signatureKey != nullptr) unproven.push_back(self);
  return unproven;
}

// The author's side of a path, or of its absence.
struct Renewal {
  RatchetTree tree;
  TreeKeys keys;
  crypto::SigningKey signatureKey;
  SecretBytes commitSecret;
  std::optional<NewPath> path;
};

Result<Renewal> renew(const Draft& draft, const EpochState& before, const CommitPlan& plan, const GroupPolicy& policy,
                      Random& random) {
  crypto::SigningKey signatureKey = TRY(changedSignatureKey(before, plan.ownLeaf));
  TreeKeys keys = before.keys.carriedOver(before.tree, draft.applied.tree);
  const LeafNode ownBefore = *before.tree.leaf(before.ownLeaf());
  LeafNode leaf = changedLeaf(ownBefore, plan.ownLeaf);
  bool required = pathRequired(draft.proposals, policy) || leaf != ownBefore;
  if (plan.path == PathChoice::whereRequired && !required) {
    return Renewal{draft.applied.tree, std::move(keys), std::move(signatureKey), zeroSecret(before.suite()), {}};
  }
  NewPath path = TRY(makePath(draft.applied.tree, keys, std::move(leaf), before.context.groupId, signatureKey, random));
  return Renewal{path.tree, path.keys.clone(), std::move(signatureKey), path.commitSecret.clone(), std::move(path)};
}

// The key packages of the Adds beside the path secrets their owners can use.
std::vector<Newcomer> newcomersOf(const Draft& draft, const std::optional<NewPath>& path) {
  std::vector<Newcomer> newcomers;
  for (const CommittedProposal& item : draft.proposals) {
    const auto* add = item.proposal->as<Add>();
    if (add == nullptr) continue;
    LeafIndex leaf = draft.applied.added[newcomers.size()];
    newcomers.push_back({&add->keyPackage, path ? path->secretFor(leaf) : nullptr});
  }
  return newcomers;
}

// §13.4: no list holds a type twice; ratchet_tree is ours to add.
Result<void> checkExtensions(const CommitOptions& options) {
  bool twice = options.groupInfoExtensions.hasDuplicate() ||
               options.groupInfoExtensions.find(ExtensionType::ratchetTree) != nullptr;
  return twice ? fail(ErrorCode::duplicateExtension) : Result<void>();
}

Result<AuthenticatedContent> sign(const EpochState& before, const Commit& commit, const CommitOptions& options) {
  FramedContent framed{.groupId = before.context.groupId,
                       .epoch = before.context.epoch,
                       .sender = {MemberSender{before.ownLeaf()}},
                       .authenticatedData = toBytes(options.authenticatedData),
                       .content = {commit}};
  return signContent(before.suite(), before.signatureKey, options.wireFormat, std::move(framed),
                     encode(before.context));
}

}  // namespace

PreSharedKeyID pskIdFor(const crypto::Suite& suite, decltype(PreSharedKeyID::psk) psk, Random& random) {
  PreSharedKeyID result{.psk = std::move(psk), .pskNonce = Bytes(crypto::hashSize(suite.hash))};
  random.fill(result.pskNonce);
  return result;
}

Result<CommitPreview> previewCommit(const PublicView& view, LeafIndex self, const CommitPlan& plan) {
  Draft draft(commitOf(plan, view.proposals), view.epoch.tree);
  TRY(fill(draft, view, self, plan, {}));
  CommitPreview preview{membersOf(draft.applied.tree), draft.applied.added};
  LeafNode own = changedLeaf(*view.epoch.tree.leaf(self), plan.ownLeaf);
  *std::ranges::find(preview.members, self, &Member::leaf) = {self, std::move(own.credential),
                                                              std::move(own.signatureKey)};
  return preview;
}

Result<NewCommit> createCommit(const PublicView& view, const EpochState& before, const CommitPlan& plan,
                               CommitOptions options, const PskSource& psks, Random& random) {
  const crypto::Suite& suite = before.suite();
  TRY(checkExtensions(options));
  Commit commit = commitOf(plan, view.proposals);
  appendPsks(commit, suite, plan, psks, random);
  Draft draft(std::move(commit), before.tree);
  TRY(fill(draft, view, before.ownLeaf(), plan, psks));
  SecretBytes pskSecret = TRY(pskSecretOf(suite, draft.applied.psks, psks));

  Renewal renewal = TRY(renew(draft, before, plan, view.policy, random));
  ProvisionalEpoch provisional = provisionalEpoch(before, renewal.tree, draft.applied.extensions);
  provisional.reInit = draft.applied.reInit;
  TRY(checkNextTree(before, provisional, draft.applied, renewal.path ? std::optional(before.ownLeaf()) : std::nullopt,
                    unprovenLeaves(draft, before.ownLeaf(), plan)));
  if (renewal.path) {
    draft.commit.path =
        TRY(sealPath(*renewal.path, draft.applied.added, encode(provisional.context), random, options.executor));
  }
  AuthenticatedContent content = TRY(sign(before, draft.commit, options));
  CommitEffects effects =
      describeCommit(content.content, before.ownLeaf(), draft.proposals, draft.applied, before, renewal.tree);
  EpochInputs inputs{before.secrets.initSecret.expose(), renewal.commitSecret.expose(), pskSecret.expose()};
  BegunEpoch begun = beginEpoch(before, inputs, std::move(provisional), std::move(renewal.keys),
                                std::move(renewal.signatureKey), content);
  content.auth.confirmationTag = begun.confirmationTag;

  std::optional<Welcome> welcome;
  if (!draft.applied.added.empty()) {
    EncodedGroupInfo info = TRY(encodeGroupInfo(begun.state, {std::move(options.groupInfoExtensions), options.tree}));
    welcome = TRY(sealWelcome(suite, info.view(), begun.joinerSecret.expose(), pskSecret.expose(), draft.applied.psks,
                              newcomersOf(draft, renewal.path), random, options.executor));
  }
  return NewCommit{std::move(content), std::move(effects), std::move(begun.state), std::move(welcome)};
}

}  // namespace qpq::mls
