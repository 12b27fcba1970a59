#include "mls/framing/private_message.h"
#include "mls/framing/public_message.h"
#include "mls/group/check_proposal.h"
#include "mls/group/group.h"
#include "mls/group/sender.h"

namespace qpq::mls {

struct Group::Authentic {
  AuthenticatedContent content;
  std::optional<StagedKey> key;  // of a PrivateMessage: not used up yet
};

Result<Received> Group::receive(ByteView message, const ReceiveOptions& options) {
  MLSMessage decoded = TRY(decode<MLSMessage>(message));
  return receive(decoded, message, options);
}

Result<Received> Group::receive(const MLSMessage& message, const ReceiveOptions& options) {
  return receive(message, encode(message), options);
}

Result<Received> Group::receive(const MLSMessage& message, ByteView encoded, const ReceiveOptions& options) {
  TRY(checkActive());
  if (auto echo = ownEcho(encoded)) return *std::move(echo);
  if (const auto* sealed = message.as<PrivateMessage>()) return stage(TRY(open(*sealed)), encoded, options);
  if (const auto* shown = message.as<PublicMessage>()) return stage(TRY(open(*shown)), encoded, options);
  return fail(ErrorCode::wrongWireFormat);
}

// Hashes only where something of ours is on its way: a digest of a large message costs a fifth of receiving it.
std::optional<Received> Group::ownEcho(ByteView encoded) const {
  if (!pending_ && proposals_.sent().empty()) return std::nullopt;
  crypto::Hash32 digest = crypto::sha256(encoded);
  if (pending_ && pending_->digest() == digest) return OwnCommit{digest};
  const StoredProposal* sent = proposals_.findSent(digest);
  return sent != nullptr ? std::optional<Received>(StagedProposal(*sent, std::nullopt, revision_)) : std::nullopt;
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
  auto leaf = state_.tree.leafView(sender.leafIndex);
  if (!leaf) return fail(ErrorCode::unknownSender, sender.leafIndex.value);
  if (sender.leafIndex == ownLeaf()) return fail(ErrorCode::ownMessage);
  RatchetType ratchet =
      message.contentType == ContentType::application ? RatchetType::application : RatchetType::handshake;
  StagedKey key = TRY(state_.messageKeys.stage(sender.leafIndex, ratchet, sender.generation, window()));
  AuthenticatedContent content = TRY(openPrivate(suite(), message, sender, key.key()));
  TRY(verifyContent(suite(), leaf->signatureKey(), content, encode(state_.context)));
  return Authentic{std::move(content), std::move(key)};
}

Result<Group::Authentic> Group::open(const PublicMessage& message) const {
  bool member = message.content.sender.type() == SenderType::member;
  if (member && policy_.handshakes == IncomingHandshakes::privateOnly) return fail(ErrorCode::wrongWireFormat);
  TRY(checkPlace(message.content.groupId, message.content.epoch));
  TRY(checkSender(policy_, message.content));
  Bytes context = encode(state_.context);
  // §6.2: only members have the key of a membership tag.
  AuthenticatedContent content{WireFormat::publicMessage, message.content, message.auth};
  if (member) content = TRY(unprotectPublic(suite(), state_.secrets.membershipKey.expose(), message, context));
  TRY(verifyContent(suite(), TRY(signatureKeyOf(state_, content.content)), content, context));
  return Authentic{std::move(content), std::nullopt};
}

Result<Received> Group::stage(Authentic message, ByteView encoded, const ReceiveOptions& options) {
  switch (message.content.content.content.type()) {
    case ContentType::application: break;
    case ContentType::proposal: return TRY(stageProposal(std::move(message), encoded, options));
    case ContentType::commit: return TRY(stageCommit(message, options));
  }
  // Application data is never in clear (§6.2): its sender is a member, and there is a key.
  FramedContent& content = message.content.content;
  LeafIndex sender = content.sender.as<MemberSender>()->leafIndex;
  LeafView leaf = *state_.tree.leafView(sender);
  ApplicationMessage received{.epoch = epoch(),
                              .sender = {sender, leaf.credential(), toBytes(leaf.signatureKey())},
                              .authenticatedData = std::move(content.authenticatedData),
                              .data = std::move(std::get<ApplicationData>(content.content.body).data)};
  use(*std::move(message.key));
  return received;
}

Result<StagedProposal> Group::stageProposal(Authentic message, ByteView encoded, const ReceiveOptions& options) const {
  StoredProposal stored = TRY(admitProposal(view(options.components), message.content, crypto::sha256(encoded)));
  return StagedProposal(std::move(stored), std::move(message.key), revision_);
}

Result<StagedCommit> Group::stageCommit(const Authentic& message, const ReceiveOptions& options) const {
  if (message.content.content.sender == ownLeaf()) return fail(ErrorCode::ownCommit);
  ProcessedCommit processed = TRY(processCommit(view(options.components, options.executor), state_, message.content,
                                                pskSource(options.psks, options.resumptionPsks)));
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
