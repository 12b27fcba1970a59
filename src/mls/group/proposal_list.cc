#include "mls/group/proposal_list.h"

#include <algorithm>
#include <map>
#include <set>

#include "mls/group/app_data.h"
#include "mls/limits.h"
#include "mls/tree/key_set.h"

namespace qpq::mls {
namespace {

// The leaf a proposal replaces or removes, if it is one of those that do.
std::optional<LeafIndex> leafTouched(const CommittedProposal& item) {
  if (const auto* remove = item.proposal->as<Remove>()) return remove->removed;
  bool own = item.proposal->as<Update>() != nullptr || item.proposal->as<SelfRemove>() != nullptr;
  const auto* member = item.sender.as<MemberSender>();
  return own && member != nullptr ? std::optional(member->leafIndex) : std::nullopt;
}

bool removes(const CommittedProposal& item) {
  return item.proposal->as<Remove>() != nullptr || item.proposal->as<SelfRemove>() != nullptr;
}

// The rules that a proposal breaks by who commits it and how.
Result<void> checkAgainstCommitter(const CommittedProposal& item, const Sender& committer, uint32_t place) {
  if (item.proposal->as<Update>() != nullptr && item.sender == committer) {
    return fail(ErrorCode::updateByCommitter, place);
  }
  if (const auto* remove = item.proposal->as<Remove>(); remove != nullptr && committer == remove->removed) {
    return fail(ErrorCode::removeOfCommitter, place);
  }
  if (item.proposal->as<SelfRemove>() != nullptr) {
    if (item.stored == nullptr) return fail(ErrorCode::selfRemoveByValue, place);
    if (item.sender == committer) return fail(ErrorCode::selfRemoveByCommitter, place);
  }
  return {};
}

// §12.2, the second list, and what draft-ietf-mls-extensions adds to it.
bool mayStandInExternalCommit(const CommittedProposal& item) {
  switch (item.proposal->type()) {
    case ProposalType::externalInit:
    case ProposalType::remove:
    case ProposalType::psk:
    case ProposalType::appDataUpdate:
    case ProposalType::appEphemeral: return item.stored == nullptr;
    case ProposalType::selfRemove: return true;
    default: return false;
  }
}

Result<void> checkExternalList(const ProposalList& proposals) {
  uint32_t inits = 0;
  uint32_t removals = 0;
  for (uint32_t place = 0; place < proposals.size(); ++place) {
    const CommittedProposal& item = proposals[place];
    if (item.proposal->as<ExternalInit>() != nullptr) ++inits;
    if (item.proposal->as<Remove>() != nullptr) ++removals;
    bool fits = mayStandInExternalCommit(item) && inits <= 1 && removals <= 1;
    if (!fits) return fail(ErrorCode::externalCommitProposals, place);
  }
  return inits == 1 ? Result<void>() : fail(ErrorCode::externalCommitProposals);
}

// §12.2: two Adds of one client, or one of a client that stays. A client is told by its signature key.
Result<void> checkAdds(const ProposalList& proposals, const RatchetTree& tree, const std::set<LeafIndex>& removed) {
  std::map<Bytes, uint32_t> added;
  std::vector<KeySet::OwnedKey> keys;
  for (uint32_t place = 0; place < proposals.size(); ++place) {
    const auto* add = proposals[place].proposal->as<Add>();
    if (add == nullptr) continue;
    const SignaturePublicKey& key = add->keyPackage.leafNode.signatureKey;
    if (!added.emplace(key, place).second) return fail(ErrorCode::duplicateAdd, place);
    keys.push_back({key});
  }
  if (added.empty()) return {};
  Result<void> result;
  tree.findKeys({}, KeySet(std::move(keys)), [&](NodeIndex at, KeyKind) {
    if (!result || removed.contains(toLeaf(at))) return;
    result = fail(ErrorCode::addOfMember, added.at(toBytes(tree.leafView(toLeaf(at))->signatureKey())));
  });
  return result;
}

bool asksForPath(const Proposal& proposal, const GroupPolicy& policy) {
  switch (proposal.type()) {
    case ProposalType::add:
    case ProposalType::psk:
    case ProposalType::reInit:
    case ProposalType::appDataUpdate:
    case ProposalType::appEphemeral: return false;
    case ProposalType::update:
    case ProposalType::remove:
    case ProposalType::externalInit:
    case ProposalType::groupContextExtensions:
    case ProposalType::selfRemove: return true;
  }
  const CustomProposal* custom = policy.find(proposal.type());
  return custom == nullptr || custom->path == PathRule::required;
}

}  // namespace

Result<ProposalList> resolveProposals(const Commit& commit, const ProposalStore& store, const Sender& committer) {
  ProposalList proposals;
  for (const ProposalOrRef& item : commit.proposals) {
    if (const auto* proposal = item.as<Proposal>()) {
      proposals.push_back({proposal, committer, nullptr});
      continue;
    }
    const StoredProposal* stored = store.find(*item.as<ProposalRef>());
    if (stored == nullptr) return fail(ErrorCode::unknownProposalRef, static_cast<uint32_t>(proposals.size()));
    proposals.push_back({&stored->proposal, stored->sender, stored});
  }
  return proposals;
}

Result<void> checkProposalList(const ProposalList& proposals, const RatchetTree& tree, const Sender& committer) {
  if (committer.type() == SenderType::newMemberCommit) TRY(checkExternalList(proposals));
  std::set<LeafIndex> touched;
  std::set<LeafIndex> removed;
  std::set<Bytes> psks;
  bool extensionsSeen = false;
  for (uint32_t place = 0; place < proposals.size(); ++place) {
    const CommittedProposal& item = proposals[place];
    TRY(checkAgainstCommitter(item, committer, place));
    if (auto leaf = leafTouched(item)) {
      if (!touched.insert(*leaf).second) return fail(ErrorCode::conflictingProposals, place);
      if (removes(item)) removed.insert(*leaf);
    }
    const auto* psk = item.proposal->as<PreSharedKey>();
    if (psk != nullptr && !psks.insert(encode(psk->psk)).second) return fail(ErrorCode::duplicatePsk, place);
    if (psks.size() > kPreSharedKeysMax) return fail(ErrorCode::tooManyProposals, place);
    if (item.proposal->as<GroupContextExtensions>() != nullptr) {
      if (extensionsSeen) return fail(ErrorCode::multipleGroupContextExtensions, place);
      extensionsSeen = true;
    }
    if (item.proposal->as<ReInit>() != nullptr && proposals.size() > 1) return fail(ErrorCode::reInitNotAlone, place);
  }
  TRY(checkAppData(proposals));
  return checkAdds(proposals, tree, removed);
}

Result<void> checkSelfRemovesCovered(const ProposalList& proposals, const ProposalStore& store) {
  for (const StoredProposal* stored : store.received()) {
    const auto* leaver = stored->sender.as<MemberSender>();
    if (stored->proposal.as<SelfRemove>() == nullptr || leaver == nullptr) continue;
    bool covered = std::ranges::contains(proposals, stored, &CommittedProposal::stored);
    if (!covered) return fail(ErrorCode::selfRemoveNotCovered, leaver->leafIndex.value);
  }
  return {};
}

bool pathRequired(const ProposalList& proposals, const GroupPolicy& policy) {
  return proposals.empty() || std::ranges::any_of(proposals, [&](const CommittedProposal& item) {
           return asksForPath(*item.proposal, policy);
         });
}

Result<AppliedProposals> applyProposals(const ProposalList& proposals, const PublicEpoch& before,
                                        std::span<const AppComponent> components) {
  AppliedProposals applied{.tree = before.tree, .extensions = before.context.extensions};
  for (const CommittedProposal& item : proposals) {
    if (const auto* update = item.proposal->as<Update>()) {
      LeafIndex leaf = *leafTouched(item);
      TRY(applied.tree.update(leaf, update->leafNode));
      applied.updated.push_back(leaf);
    } else if (const auto* changed = item.proposal->as<GroupContextExtensions>()) {
      applied.extensions = changed->extensions;
    } else if (const auto* psk = item.proposal->as<PreSharedKey>()) {
      applied.psks.push_back(psk->psk);
    } else if (const auto* init = item.proposal->as<ExternalInit>()) {
      applied.externalInit = *init;
    } else if (const auto* reInit = item.proposal->as<ReInit>()) {
      applied.reInit = *reInit;
    }
  }
  for (const CommittedProposal& item : proposals) {
    if (removes(item)) TRY(applied.tree.remove(*leafTouched(item)));
  }
  for (const CommittedProposal& item : proposals) {
    const auto* add = item.proposal->as<Add>();
    if (add != nullptr) applied.added.push_back(TRY(applied.tree.add(add->keyPackage.leafNode)));
  }
  applied.extensions = TRY(applyAppData(proposals, std::move(applied.extensions), components));
  return applied;
}

}  // namespace qpq::mls
