#include "mls/group/sender.h"

namespace qpq::mls {
namespace {

Result<SignaturePublicKey> listedSender(const PublicEpoch& epoch, uint32_t index) {
  const Extension* extension = epoch.context.extensions.find(ExtensionType::externalSenders);
  if (extension == nullptr) return fail(ErrorCode::unknownSender, index);
  ExternalSenders senders = TRY(decode<ExternalSenders>(extension->data));
  if (index >= senders.size()) return fail(ErrorCode::unknownSender, index);
  return std::move(senders[index].signatureKey);
}

}  // namespace

Result<void> checkSender(const GroupPolicy& policy, const FramedContent& content) {
  bool taken = true;
  ContentType only = ContentType::proposal;
  switch (content.sender.type()) {
    case SenderType::member: return {};
    case SenderType::external: taken = policy.outsideProposals != OutsideProposals::none; break;
    case SenderType::newMemberProposal: taken = policy.outsideProposals == OutsideProposals::newMembersToo; break;
    case SenderType::newMemberCommit:
      taken = policy.externalCommits != ExternalCommits::none;
      only = ContentType::commit;
      break;
  }
  if (!taken) return fail(ErrorCode::unsupported);
  return content.content.type() == only ? Result<void>() : fail(ErrorCode::wrongContentType);
}

Result<SignaturePublicKey> signatureKeyOf(const PublicEpoch& epoch, const FramedContent& content) {
  if (const auto* member = content.sender.as<MemberSender>()) {
    auto leaf = epoch.tree.leafView(member->leafIndex);
    if (!leaf) return fail(ErrorCode::unknownSender, member->leafIndex.value);
    return toBytes(leaf->signatureKey());
  }
  if (const auto* listed = content.sender.as<ExternalSenderIndex>()) return listedSender(epoch, listed->senderIndex);
  if (const auto* commit = content.content.as<Commit>()) {
    return commit->path ? Result<SignaturePublicKey>(commit->path->leafNode.signatureKey)
                        : fail(ErrorCode::pathMissing);
  }
  const auto* proposal = content.content.as<Proposal>();
  const auto* add = proposal != nullptr ? proposal->as<Add>() : nullptr;
  if (add == nullptr) return fail(ErrorCode::externalProposalType);
  return add->keyPackage.leafNode.signatureKey;
}

}  // namespace qpq::mls
