#include "mls/framing/private_message.h"
#include "mls/framing/public_message.h"
#include "mls/group/group.h"
#include "mls/group/proposal_list.h"

namespace qpq::mls {

struct Group::Authentic {
  AuthenticatedContent content;
  LeafIndex sender;
  std::optional<StagedKey> key;  // of a PrivateMessage: not used up yet
};

Result<Received> Group::receive(ByteView message, const ReceiveOptions& options) {
  MLSMessage decoded = TRY(decode<MLSMessage>(message));
  return receive(decoded, crypto::sha256(message), options);
}

Result<Received> Group::receive(const MLSMessage& message, const ReceiveOptions& options) {
  return receive(message, crypto::sha256(encode(message)), options);
}

Result<Received> Group::receive(const MLSMessage& message, const crypto::Hash32& digest,
                                const ReceiveOptions& options) {
  TRY(checkMember());
  if (pending_ && pending_->digest() == digest) return OwnCommit{digest};
  if (const StoredProposal* sent = proposals_.findSent(digest)) {
    return StagedProposal(*sent, std::nullopt, revision_);
  }
  if (const auto* sealed = message.as<PrivateMessage>()) return stage(TRY(open(*sealed)), digest, options);
  if (const auto* shown = message.as<PublicMessage>()) return stage(TRY(open(*shown)), digest, options);
  return fail(ErrorCode::wrongWireFormat);
}

Result<void> Group::checkPlace(const Bytes& groupId, Epoch epoch) const {
  if (groupId != this->groupId()) return fail(ErrorCode::wrongGroup);
  if (epoch < this->epoch()) return fail(ErrorCode::pastEpoch);
  if (epoch > this->epoch()) return fail(ErrorCode::futureEpoch);
  return {};
}

Result<Group::Authentic> Group::open(const PrivateMessage& message) const {
  TRY(checkPlace(message.groupId, message.epoch));
  SenderData sender = TRY(openSenderData(suite(), state_.secrets.senderDataSecret.expose(), message));
  const LeafNode* leaf = state_.tree.leaf(sender.leafIndex);
  if (leaf == nullptr) return fail(ErrorCode::unknownSender, sender.leafIndex.value);
  if (sender.leafIndex == ownLeaf()) return fail(ErrorCode::ownMessage);
  RatchetType ratchet =
      message.contentType == ContentType::application ? RatchetType::application : RatchetType::handshake;
  StagedKey key = TRY(state_.messageKeys.stage(sender.leafIndex, ratchet, sender.generation, window()));
  AuthenticatedContent content = TRY(openPrivate(suite(), message, sender, key.key()));
  TRY(verifyContent(suite(), leaf->signatureKey, content, encode(state_.context)));
  return Authentic{std::move(content), sender.leafIndex, std::move(key)};
}

Result<Group::Authentic> Group::open(const PublicMessage& message) const {
  if (policy_.handshakes == IncomingHandshakes::privateOnly) return fail(ErrorCode::wrongWireFormat);
  TRY(checkPlace(message.content.groupId, message.content.epoch));
  const auto* sender = message.content.sender.as<MemberSender>();
  // §12.1.8, §12.4.3.2: those who are not members propose and join in clear; this build does not let them.
  if (sender == nullptr) return fail(ErrorCode::unsupported);
  Bytes context = encode(state_.context);
  AuthenticatedContent content = TRY(unprotectPublic(suite(), state_.secrets.membershipKey.expose(), message, context));
  const LeafNode* leaf = state_.tree.leaf(sender->leafIndex);
  if (leaf == nullptr) return fail(ErrorCode::unknownSender, sender->leafIndex.value);
  TRY(verifyContent(suite(), leaf->signatureKey, content, context));
  return Authentic{std::move(content), sender->leafIndex, std::nullopt};
}

Result<Received> Group::stage(Authentic message, const crypto::Hash32& digest, const ReceiveOptions& options) {
  switch (message.content.content.content.type()) {
    case ContentType::application: break;
    case ContentType::proposal: return TRY(stageProposal(std::move(message), digest));
    case ContentType::commit: return TRY(stageCommit(message, options));
  }
  FramedContent& content = message.content.content;
  const LeafNode& leaf = *state_.tree.leaf(message.sender);
  ApplicationMessage received{.epoch = epoch(),
                              .sender = {message.sender, leaf.credential, leaf.signatureKey},
                              .authenticatedData = std::move(content.authenticatedData),
                              .data = std::move(std::get<ApplicationData>(content.content.body).data)};
  use(*std::move(message.key));  // application data is never in clear (§6.2), so there is a key
  return received;
}

Result<StagedProposal> Group::stageProposal(Authentic message, const crypto::Hash32& digest) const {
  FramedContent& content = message.content.content;
  const Proposal& proposal = *content.content.as<Proposal>();
  TRY(checkProposal(state_.tree, state_.context, proposal, message.sender));
  StoredProposal stored{.ref = proposalRef(suite(), message.content),
                        .sender = message.sender,
                        .state = ProposalState::received,
                        .digest = digest,
                        .authenticatedData = content.authenticatedData,
                        .proposal = proposal};
  // Two of them could never be committed, and every commit must cover both.
  const StoredProposal* other = proposals_.findSelfRemove(message.sender);
  if (proposal.as<SelfRemove>() != nullptr && other != nullptr && other->ref != stored.ref) {
    return fail(ErrorCode::conflictingProposals, message.sender.value);
  }
  TRY(proposals_.checkRoom(stored.ref));
  return StagedProposal(std::move(stored), std::move(message.key), revision_);
}

Result<StagedCommit> Group::stageCommit(const Authentic& message, const ReceiveOptions& options) const {
  if (message.sender == ownLeaf()) return fail(ErrorCode::ownCommit);
  ProcessedCommit processed =
      TRY(processCommit(state_, proposals_, message.content, message.sender, pskSource(options.psks)));
  return StagedCommit(std::move(processed), state_.interimTranscriptHash);
}

Result<void> Group::apply(StagedProposal proposal) {
  TRY(checkMember());
  if (proposal.revision_ != revision_) return fail(ErrorCode::staleTransition);
  if (proposal.key_) use(*std::move(proposal.key_));
  proposal.proposal_.state = ProposalState::received;
  keep(std::move(proposal.proposal_));
  return {};
}

Result<CommitEffects> Group::apply(StagedCommit commit) {
  TRY(checkMember());
  if (commit.transcriptBefore_ != state_.interimTranscriptHash) return fail(ErrorCode::staleTransition);
  CommitEffects effects = std::move(commit.processed_.effects);
  if (commit.processed_.next) {
    begin(*std::move(commit.processed_.next));
  } else {
    forgetSecrets();
  }
  return effects;
}

}  // namespace qpq::mls
