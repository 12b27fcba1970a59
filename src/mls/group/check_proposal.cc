#include "mls/group/check_proposal.h"

#include <algorithm>

#include "mls/framing/content.h"
#include "mls/group/outside_proposal.h"
#include "mls/key_package.h"
#include "mls/tree/leaf_validation.h"

namespace qpq::mls {
namespace {

// RFC 9420 §12.1.4: the other two usages belong to the first commit of another group, which only its author makes.
Result<void> checkPsk(const crypto::Suite& suite, const PreSharedKeyID& id) {
  if (id.pskNonce.size() != crypto::hashSize(suite.hash)) return fail(ErrorCode::pskNonceLength);
  const auto* resumption = id.psk.as<ResumptionPSK>();
  if (resumption != nullptr && resumption->usage != ResumptionPSKUsage::application) return fail(ErrorCode::pskUsage);
  return {};
}

Result<void> checkUpdate(const PublicEpoch& epoch, const LeafNode& leaf, const Sender& sender) {
  const auto* member = sender.as<MemberSender>();
  auto before = member != nullptr ? epoch.tree.leafView(member->leafIndex) : std::nullopt;
  if (!before) return fail(ErrorCode::updateNotByMember);
  TRY(checkReplacement(before->encryptionKey(), leaf, LeafNodeSource::update));
  return verifyLeafSignature(epoch.suite(), leaf, epoch.context.groupId, member->leafIndex);
}

// §12.1.5. Whether the next group's suite can be had is seen when it is made.
Result<void> checkReInit(const GroupPolicy& policy, const ReInit& reInit) {
  if (policy.reInits == ReInits::none) return fail(ErrorCode::unsupported);
  if (reInit.version < ProtocolVersion::mls10) return fail(ErrorCode::reInitVersion);
  return {};
}

Result<void> checkExtensions(const GroupContext& context, const Extensions& extensions) {
  if (extensions.hasDuplicate()) return fail(ErrorCode::duplicateExtension);
  const Extension* before = context.extensions.find(ExtensionType::appDataDictionary);
  const Extension* after = extensions.find(ExtensionType::appDataDictionary);
  bool same = (before == nullptr) == (after == nullptr) && (before == nullptr || *before == *after);
  return same || !appDataIsGuarded(context) ? Result<void>() : fail(ErrorCode::appDataInExtensions);
}

// §12.2, §13.2: a type that is not default is supported by everybody, or it is not used.
Result<void> checkSupported(const RatchetTree& tree, ProposalType type) {
  Result<void> result;
  tree.forEachLeaf([&](LeafIndex index, LeafView leaf) {
    if (!leaf.supports(type)) result = fail(ErrorCode::unsupportedProposal, index.value);
  });
  return result;
}

Result<void> checkComponent(const PublicView& view, ProposalType type, ComponentId component) {
  TRY(checkSupported(view.epoch.tree, type));
  bool known = std::ranges::contains(view.components, component, &AppComponent::id);
  return known ? Result<void>() : fail(ErrorCode::unsupportedProposal);
}

}  // namespace

bool appDataIsGuarded(const GroupContext& context) {
  const Extension* extension = context.extensions.find(ExtensionType::requiredCapabilities);
  if (extension == nullptr) return false;
  auto required = decode<RequiredCapabilities>(extension->data);
  return required && std::ranges::contains(required->proposals, ProposalType::appDataUpdate);
}

Result<void> checkProposal(const PublicView& view, const Proposal& proposal, const Sender& sender) {
  const auto& [context, tree, transcript, reInit] = view.epoch;
  if (!mayPropose(sender.type(), proposal.type())) return fail(ErrorCode::externalProposalType);
  if (const auto* add = proposal.as<Add>()) return checkKeyPackage(tree.suite(), add->keyPackage);
  if (const auto* update = proposal.as<Update>()) return checkUpdate(view.epoch, update->leafNode, sender);
  if (const auto* remove = proposal.as<Remove>()) {
    return tree.leafView(remove->removed) ? Result<void>() : fail(ErrorCode::removeOfBlank, remove->removed.value);
  }
  if (const auto* psk = proposal.as<PreSharedKey>()) return checkPsk(tree.suite(), psk->psk);
  if (const auto* changed = proposal.as<GroupContextExtensions>()) return checkExtensions(context, changed->extensions);
  if (const auto* ending = proposal.as<ReInit>()) return checkReInit(view.policy, *ending);
  if (proposal.as<SelfRemove>()) return checkSupported(tree, ProposalType::selfRemove);
  if (proposal.as<ExternalInit>()) {
    bool joins = sender.type() == SenderType::newMemberCommit;
    return joins ? Result<void>() : fail(ErrorCode::externalInitInside);
  }
  if (const auto* data = proposal.as<AppDataUpdate>()) return checkComponent(view, proposal.type(), data->componentId);
  if (const auto* data = proposal.as<AppEphemeral>()) return checkComponent(view, proposal.type(), data->componentId);
  if (view.policy.find(proposal.type()) == nullptr) return fail(ErrorCode::unsupportedProposal);
  return checkSupported(tree, proposal.type());
}

Result<StoredProposal> admitProposal(const PublicView& view, const AuthenticatedContent& message,
                                     const crypto::Hash32& digest) {
  const FramedContent& content = message.content;
  const Proposal& proposal = *content.content.as<Proposal>();
  TRY(checkProposal(view, proposal, content.sender));
  StoredProposal stored{.ref = proposalRef(view.epoch.suite(), message),
                        .sender = content.sender,
                        .state = ProposalState::received,
                        .digest = digest,
                        .authenticatedData = content.authenticatedData,
                        .proposal = proposal};
  // Two of them could never be committed, and every commit must cover both.
  if (const auto* leaver = content.sender.as<MemberSender>();
      leaver != nullptr && proposal.as<SelfRemove>() != nullptr) {
    const StoredProposal* other = view.proposals.findSelfRemove(leaver->leafIndex);
    if (other != nullptr && other->ref != stored.ref) {
      return fail(ErrorCode::conflictingProposals, leaver->leafIndex.value);
    }
  }
  TRY(view.proposals.checkRoom(stored.ref));
  return stored;
}

}  // namespace qpq::mls
