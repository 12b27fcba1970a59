#include "mls/group/outside_proposal.h"

#include "mls/framing/content.h"

namespace qpq::mls {
namespace {

// The GroupContext is no part of what outsiders sign (§6.1): they may not know it.
Result<Bytes> send(const ProposalPlace& place, Sender sender, ByteView signatureKey, Proposal proposal) {
  FramedContent framed{.groupId = place.groupId,
                       .epoch = place.epoch,
                       .sender = sender,
                       .authenticatedData = toBytes(place.authenticatedData),
                       .content = {std::move(proposal)}};
  AuthenticatedContent content =
      TRY(signContent(place.suite, signatureKey, WireFormat::publicMessage, std::move(framed), {}));
  return encode(MLSMessage{.message = {PublicMessage{std::move(content.content), std::move(content.auth), {}}}});
}

}  // namespace

bool mayPropose(SenderType sender, ProposalType proposal) {
  switch (sender) {
    case SenderType::member:
    case SenderType::newMemberCommit: return true;
    case SenderType::newMemberProposal: return proposal == ProposalType::add;
    case SenderType::external: break;
  }
  switch (proposal) {
    case ProposalType::add:
    case ProposalType::remove:
    case ProposalType::psk:
    case ProposalType::reInit:
    case ProposalType::groupContextExtensions:
    case ProposalType::appDataUpdate:
    case ProposalType::appEphemeral: return true;
    default: return false;
  }
}

Result<Bytes> proposeAsExternalSender(const ProposalPlace& place, uint32_t senderIndex, ByteView signatureKey,
                                      Proposal proposal) {
  if (!mayPropose(SenderType::external, proposal.type())) return fail(ErrorCode::externalProposalType);
  return send(place, {ExternalSenderIndex{senderIndex}}, signatureKey, std::move(proposal));
}

Result<Bytes> proposeToJoin(const ProposalPlace& place, ByteView signatureKey, KeyPackage keyPackage) {
  return send(place, {NewMemberProposal{}}, signatureKey, {Add{std::move(keyPackage)}});
}

}  // namespace qpq::mls
