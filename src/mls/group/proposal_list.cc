#include "mls/group/proposal_list.h"

#include <algorithm>
#include <map>
#include <set>

#include "mls/key_package.h"
#include "mls/tree/leaf_validation.h"

namespace qpq::mls {
namespace {

Result<void> checkPsk(const crypto::Suite& suite, const PreSharedKeyID& id) {
  if (id.pskNonce.size() != crypto::hashSize(suite.hash)) return fail(ErrorCode::pskNonceLength);
  const auto* resumption = id.psk.as<ResumptionPSK>();
  if (resumption != nullptr && resumption->usage != ResumptionPSKUsage::application) return fail(ErrorCode::pskUsage);
  return {};
}

Result<void> checkUpdate(const RatchetTree& tree, const GroupContext& context, const LeafNode& leaf, LeafIndex sender) {
  const LeafNode* before = tree.leaf(sender);
  if (before == nullptr) return fail(ErrorCode::updateNotByMember, sender.value);
  TRY(checkReplacement(*before, leaf, LeafNodeSource::update));
  return verifyLeafSignature(tree.suite(), leaf, context.groupId, sender);
}

// The leaf a proposal replaces or removes, if it is one of those that do.
std::optional<LeafIndex> leafTouched(const CommittedProposal& item) {
  if (const auto* remove = item.proposal->as<Remove>()) return remove->removed;
  bool own = item.proposal->as<Update>() != nullptr || item.proposal->as<SelfRemove>() != nullptr;
  return own ? std::optional(item.sender) : std::nullopt;
}

bool removes(const CommittedProposal& item) {
  return item.proposal->as<Remove>() != nullptr || item.proposal->as<SelfRemove>() != nullptr;
}

// The rules that a proposal breaks by who commits it and how.
Result<void> checkAgainstCommitter(const CommittedProposal& item, LeafIndex committer, uint32_t place) {
  if (item.proposal->as<Update>() != nullptr && item.sender == committer) {
    return fail(ErrorCode::updateByCommitter, place);
  }
  if (const auto* remove = item.proposal->as<Remove>(); remove != nullptr && remove->removed == committer) {
    return fail(ErrorCode::removeOfCommitter, place);
  }
  if (item.proposal->as<SelfRemove>() != nullptr) {
    if (item.how == ProposalOrRefType::proposal) return fail(ErrorCode::selfRemoveByValue, place);
    if (item.sender == committer) return fail(ErrorCode::selfRemoveByCommitter, place);
  }
  return {};
}

// §12.2: two Adds of one client, or one of a client that stays. A client is told by its signature key.
Result<void> checkAdds(const ProposalList& proposals, const RatchetTree& tree, const std::set<LeafIndex>& removed) {
  std::map<Bytes, uint32_t> added;
  for (uint32_t place = 0; place < proposals.size(); ++place) {
    const auto* add = proposals[place].proposal->as<Add>();
    if (add == nullptr) continue;
    if (!added.emplace(add->keyPackage.leafNode.signatureKey, place).second) {
      return fail(ErrorCode::duplicateAdd, place);
    }
  }
  if (added.empty()) return {};
  Result<void> result;
  tree.forEach([&](NodeIndex at, const LeafNode* leaf, const ParentNode*) {
    if (leaf == nullptr || !result || removed.contains(toLeaf(at))) return;
    if (auto found = added.find(leaf->signatureKey); found != added.end()) {
      result = fail(ErrorCode::addOfMember, found->second);
    }
  });
  return result;
}

// §12.2, §13.2: a type that is not default is supported by everybody, or it is not used.
Result<void> checkSupported(const RatchetTree& tree, ProposalType type) {
  Result<void> result;
  tree.forEach([&](NodeIndex at, const LeafNode* leaf, const ParentNode*) {
    if (leaf == nullptr || leaf->capabilities.supports(type)) return;
    result = fail(ErrorCode::unsupportedProposal, toLeaf(at).value);
  });
  return result;
}

}  // namespace

Result<void> checkProposal(const RatchetTree& tree, const GroupContext& context, const Proposal& proposal,
                           LeafIndex sender) {
  if (const auto* add = proposal.as<Add>()) return checkKeyPackage(tree.suite(), add->keyPackage);
  if (const auto* update = proposal.as<Update>()) return checkUpdate(tree, context, update->leafNode, sender);
  if (const auto* remove = proposal.as<Remove>()) {
    return tree.leaf(remove->removed) ? Result<void>() : fail(ErrorCode::removeOfBlank, remove->removed.value);
  }
  if (const auto* psk = proposal.as<PreSharedKey>()) return checkPsk(tree.suite(), psk->psk);
  if (const auto* changed = proposal.as<GroupContextExtensions>()) {
    return changed->extensions.hasDuplicate() ? fail(ErrorCode::duplicateExtension) : Result<void>();
  }
  if (proposal.as<SelfRemove>()) return checkSupported(tree, ProposalType::selfRemove);
  if (proposal.as<ExternalInit>()) return fail(ErrorCode::externalInitInside);
  if (proposal.as<ReInit>()) return fail(ErrorCode::unsupported);
  return fail(ErrorCode::unsupportedProposal);
}

Result<ProposalList> resolveProposals(const Commit& commit, const ProposalStore& store, LeafIndex committer) {
  ProposalList proposals;
  for (const ProposalOrRef& item : commit.proposals) {
    if (const auto* proposal = item.as<Proposal>()) {
      proposals.push_back({proposal, committer, ProposalOrRefType::proposal});
      continue;
    }
    const StoredProposal* stored = store.find(*item.as<ProposalRef>());
    if (stored == nullptr) return fail(ErrorCode::unknownProposalRef, static_cast<uint32_t>(proposals.size()));
    proposals.push_back({&stored->proposal, stored->sender, ProposalOrRefType::reference});
  }
  return proposals;
}

Result<void> checkProposalList(const ProposalList& proposals, const RatchetTree& tree, LeafIndex committer) {
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
    if (item.proposal->as<GroupContextExtensions>() != nullptr) {
      if (extensionsSeen) return fail(ErrorCode::multipleGroupContextExtensions, place);
      extensionsSeen = true;
    }
  }
  return checkAdds(proposals, tree, removed);
}

Result<void> checkSelfRemovesCovered(const ProposalList& proposals, const ProposalStore& store) {
  for (const StoredProposal* stored : store.received()) {
    if (stored->proposal.as<SelfRemove>() == nullptr) continue;
    bool covered = std::ranges::contains(proposals, &stored->proposal, &CommittedProposal::proposal);
    if (!covered) return fail(ErrorCode::selfRemoveNotCovered, stored->sender.value);
  }
  return {};
}

bool pathRequired(const ProposalList& proposals) {
  return proposals.empty() || std::ranges::any_of(proposals, [](const CommittedProposal& item) {
           return item.proposal->as<Add>() == nullptr && item.proposal->as<PreSharedKey>() == nullptr;
         });
}

Result<AppliedProposals> applyProposals(const ProposalList& proposals, const RatchetTree& tree,
                                        const Extensions& extensions) {
  AppliedProposals applied{.tree = tree, .extensions = extensions, .added = {}, .updated = {}, .psks = {}};
  for (const CommittedProposal& item : proposals) {
    if (const auto* update = item.proposal->as<Update>()) {
      TRY(applied.tree.update(item.sender, update->leafNode));
      applied.updated.push_back(item.sender);
    } else if (const auto* changed = item.proposal->as<GroupContextExtensions>()) {
      applied.extensions = changed->extensions;
    } else if (const auto* psk = item.proposal->as<PreSharedKey>()) {
      applied.psks.push_back(psk->psk);
    }
  }
  for (const CommittedProposal& item : proposals) {
    if (removes(item)) TRY(applied.tree.remove(*leafTouched(item)));
  }
  for (const CommittedProposal& item : proposals) {
    const auto* add = item.proposal->as<Add>();
    if (add != nullptr) applied.added.push_back(TRY(applied.tree.add(add->keyPackage.leafNode)));
  }
  return applied;
}

}  // namespace qpq::mls
