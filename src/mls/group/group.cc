#include "mls/group/group.h"

#include <algorithm>
#include <array>

#include "mls/framing/private_message.h"
#include "mls/framing/public_message.h"
#include "mls/group/check_proposal.h"
#include "mls/group/update_leaf.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/validate.h"

namespace qpq::mls {

Result<Group> Group::create(const crypto::Suite& suite, const crypto::SignatureKeyPair& signer, GroupOptions options,
                            Random& random) {
  if (std::ranges::contains(options.groupsJoined, options.groupId)) return fail(ErrorCode::groupExists);
  if (options.groupContextExtensions.hasDuplicate()) return fail(ErrorCode::duplicateExtension);
  crypto::SigningKey signatureKey = TRY(crypto::SigningKey::from(suite.signature, signer.privateKey.expose()));
  crypto::KemKeyPair leafKey = crypto::generateKemKeyPair(suite.kem, random);
  LeafNode leaf{.encryptionKey = std::move(leafKey.publicKey),
                .signatureKey = signer.publicKey,
                .credential = std::move(options.credential),
                .capabilities = std::move(options.capabilities),
                .source = {options.lifetime},
                .extensions = std::move(options.leafExtensions)};
  leaf = TRY(signLeafNode(suite, std::move(leaf), {}, {}, signatureKey));
  RatchetTree tree(suite, std::move(leaf));
  GroupContext context{.cipherSuite = CipherSuiteId{suite.id},
                       .groupId = std::move(options.groupId),
                       .treeHash = toBytes(tree.treeHash()),
                       .extensions = std::move(options.groupContextExtensions)};
  TRY(validateTree(tree, context));

  SecretBytes epochSecret(crypto::hashSize(suite.hash));
  random.fill(epochSecret.writable());
  Group group(stateOf(std::move(context), std::move(tree), TreeKeys({}, std::move(leafKey.privateKey)),
                      std::move(signatureKey), deriveEpochSecrets(suite, epochSecret.expose())),
              options.policy);
  group.touch(group.recordKeys());
  return group;
}

Result<void> Group::checkMember() const {
  if (membership_ == Membership::removed) return fail(ErrorCode::removedFromGroup);
  return {};
}

Result<void> Group::checkActive() const {
  TRY(checkMember());
  if (state_.reInit) return fail(ErrorCode::groupReinitialized);
  return {};
}

RatchetWindow Group::window() const {
  RatchetWindow window = policy_.window;
  window.forwardStepsMax += std::min(allowance_, UINT32_MAX - window.forwardStepsMax);
  return window;
}

PskSource Group::pskSource(std::span<const ExternalPskKey> external,
                           std::span<const ResumptionPskKey> resumption) const {
  return {.external = external,
          .resumption = resumption,
          .groupId = groupId(),
          .past = &pastResumptionPsks_,
          .current = epoch(),
          .currentResumptionPsk = state_.secrets.resumptionPsk.expose()};
}

Result<SecretBytes> Group::exportSecret(std::string_view label, ByteView context, std::size_t length) const {
  TRY(checkMember());
  return mls::exportSecret(suite(), state_.secrets.exporterSecret.expose(), label, context, length);
}

Result<SecretBytes> Group::safeExportSecret(ComponentId component) {
  TRY(checkMember());
  ExporterTree::Exported exported = TRY(state_.exporters.take(component));
  touch(exported.changed);
  return std::move(exported.secret);
}

Result<SecretBytes> Group::resumptionPsk(Epoch epoch) const {
  TRY(checkMember());
  if (epoch == this->epoch()) return state_.secrets.resumptionPsk.clone();
  auto found = pastResumptionPsks_.find(epoch);
  return found != pastResumptionPsks_.end() ? Result<SecretBytes>(found->second.clone()) : fail(ErrorCode::unknownPsk);
}

Result<GroupInfo> Group::groupInfo(Extensions extensions, TreePlace tree) const {
  TRY(checkMember());
  return makeGroupInfo(state_, {std::move(extensions), tree});
}

Result<GroupInfo> Group::openGroupInfo(Extensions extensions, TreePlace tree) const {
  TRY(checkMember());
  return makeGroupInfo(state_, {std::move(extensions), tree, ExternalEntry::open});
}

Result<AuthenticatedContent> Group::sign(WireFormat wireFormat, Content content, ByteView authenticatedData) const {
  FramedContent framed{.groupId = groupId(),
                       .epoch = epoch(),
                       .sender = {MemberSender{ownLeaf()}},
                       .authenticatedData = toBytes(authenticatedData),
                       .content = std::move(content)};
  return signContent(suite(), state_.signatureKey, wireFormat, std::move(framed), encode(state_.context));
}

Result<Bytes> Group::seal(AuthenticatedContent content, const StagedKey& key, Random& random) const {
  PrivateMessage sealed = TRY(sealPrivate(suite(), std::move(content),
                                          {.senderDataSecret = state_.secrets.senderDataSecret.expose(),
                                           .leaf = key.leaf(),
                                           .generation = key.generation(),
                                           .key = key.key(),
                                           .padding = policy_.padding},
                                          random));
  return encode(MLSMessage{.message = {std::move(sealed)}});
}

Result<Bytes> Group::show(AuthenticatedContent content) const {
  PublicMessage shown =
      TRY(protectPublic(suite(), state_.secrets.membershipKey.expose(), std::move(content), encode(state_.context)));
  return encode(MLSMessage{.message = {std::move(shown)}});
}

Result<Bytes> Group::protect(ByteView data, ByteView authenticatedData, Random& random) {
  TRY(checkActive());
  if (!proposals_.received().empty()) return fail(ErrorCode::proposalsPending);
  AuthenticatedContent content =
      TRY(sign(WireFormat::privateMessage, {ApplicationData{toBytes(data)}}, authenticatedData));
  StagedKey key = TRY(state_.messageKeys.stageNext(ownLeaf(), RatchetType::application));
  Bytes message = TRY(seal(std::move(content), key, random));
  use(std::move(key));
  return message;
}

Result<Group::Sent> Group::send(Proposal proposal, ByteView authenticatedData, Random& random, WireFormat wireFormat,
                                std::span<const AppComponent> components) {
  TRY(checkActive());
  StoredProposal stored{.sender = {MemberSender{ownLeaf()}}, .state = ProposalState::sent, .proposal = proposal};
  TRY(checkProposal(view(components), proposal, stored.sender));
  stored.authenticatedData = toBytes(authenticatedData);
  if (proposal.as<SelfRemove>() != nullptr && proposals_.findSelfRemove(ownLeaf()) != nullptr) {
    return fail(ErrorCode::conflictingProposals);
  }
  AuthenticatedContent content = TRY(sign(wireFormat, {std::move(proposal)}, authenticatedData));
  stored.ref = proposalRef(suite(), content);
  TRY(proposals_.checkRoom(stored.ref));

  StagedKey key = TRY(state_.messageKeys.stageNext(ownLeaf(), RatchetType::handshake));
  bool sealed = wireFormat == WireFormat::privateMessage;
  Sent sent{sealed ? TRY(seal(std::move(content), key, random)) : TRY(show(std::move(content))), stored.ref};
  stored.digest = crypto::sha256(sent.message);
  if (sealed) use(std::move(key));
  keep(std::move(stored));
  return sent;
}

Result<Bytes> Group::propose(Proposal proposal, ByteView authenticatedData, Random& random, WireFormat wireFormat,
                             std::span<const AppComponent> components) {
  if (proposal.as<Update>() != nullptr) return fail(ErrorCode::privateKeyMismatch);
  return TRY(send(std::move(proposal), authenticatedData, random, wireFormat, components)).message;
}

Result<Bytes> Group::proposeUpdate(const LeafChanges& changes, ByteView authenticatedData, Random& random,
                                   WireFormat wireFormat) {
  TRY(checkActive());
  NewLeaf made = TRY(makeUpdateLeaf(state_, changes, random));
  Sent sent = TRY(send({Update{std::move(made.leaf)}}, authenticatedData, random, wireFormat, {}));
  touch(std::array{proposals_.putKeys(sent.ref, std::move(made.keys))});
  return std::move(sent.message);
}

Result<void> Group::withdraw(const ProposalRef& ref) {
  touch(TRY(proposals_.withdraw(ref)));
  return {};
}

Result<CommitPreview> Group::preview(const CommitPlan& plan) const {
  TRY(checkActive());
  return previewCommit(view({}), ownLeaf(), plan);
}

Result<const PendingCommit*> Group::commit(const CommitPlan& plan, CommitOptions options, Random& random,
                                           std::span<const ExternalPskKey> psks) {
  PskSource source = pskSource(psks, options.resumptionPsks);
  TRY(makePending(plan, std::move(options), source, random));
  return &*pending_;
}

Result<void> Group::makePending(const CommitPlan& plan, CommitOptions options, const PskSource& psks, Random& random) {
  TRY(checkActive());
  if (pending_) return fail(ErrorCode::commitPending);
  bool sealed = options.wireFormat == WireFormat::privateMessage;
  NewCommit made = TRY(createCommit(view(options.components), state_, plan, std::move(options), psks, random));
  StagedKey key = TRY(state_.messageKeys.stageNext(ownLeaf(), RatchetType::handshake));
  Bytes message = sealed ? TRY(seal(std::move(made.content), key, random)) : TRY(show(std::move(made.content)));
  std::optional<Bytes> welcome;
  if (made.welcome) welcome = encode(MLSMessage{.message = {*std::move(made.welcome)}});
  if (sealed) use(std::move(key));
  await(PendingCommit(std::move(message), std::move(welcome), std::move(made.effects), std::move(made.next)));
  return {};
}

Result<CommitEffects> Group::merge(const crypto::Hash32& digest) {
  if (!pending_ || pending_->digest() != digest) return fail(ErrorCode::noCommitPending);
  PendingCommit decided = *std::move(pending_);
  CommitEffects effects = decided.effects();
  begin(std::move(decided).next());
  return effects;
}

void Group::discard() {
  if (pending_) await(std::nullopt);
}

void Group::tellGap(uint32_t messages) {
  allowance_ += std::min(messages, kForwardAllowanceMax - allowance_);
  touch(std::array{RecordKey{RecordKind::allowance}});
}

}  // namespace qpq::mls
