#pragma once

#include <functional>

#include "mls/framing/content.h"
#include "mls/framing/private_message.h"
#include "mls/framing/public_message.h"
#include "mls/group/epoch_records.h"
#include "mls/group/group_scene_test.h"
#include "mls/group/proposal_list.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/treekem.h"

namespace qpq::mls {

// A member who keeps no rule: it has everything a real member has and signs whatever it likes.
class Insider {
 public:
  Insider(const Group& group, Random& random): state_(stateOf(group)), random_(random) {
    for (const StoredProposal* proposal : group.proposals()) store_.put(*proposal);
  }

  // What stands in a forged commit. The functions change a part before what follows is computed from it, so that the
  // rest of the commit is right.
  struct Forgery {
    std::vector<ProposalOrRef> proposals;
    enum class Path { with, without } path = Path::with;
    std::function<void(UpdatePath&)> onPath = [](UpdatePath&) {};
    std::function<void(AuthenticatedContent&)> onSigned = [](AuthenticatedContent&) {};
    std::function<void(MAC&)> onTag = [](MAC&) {};
  };

  static std::vector<ProposalOrRef> byValue(std::vector<Proposal> proposals) {
    std::vector<ProposalOrRef> items;
    for (Proposal& proposal : proposals) items.push_back({std::move(proposal)});
    return items;
  }

  Bytes commit(Forgery forgery) {
    return seal(forge(std::move(forgery), WireFormat::privateMessage), RatchetType::handshake);
  }

  Bytes publicCommit(Forgery forgery) { return show(forge(std::move(forgery), WireFormat::publicMessage)); }

  AuthenticatedContent forge(Forgery forgery, WireFormat format) {
    Commit commit{.proposals = {std::move(forgery.proposals)}, .path = {}};
    AppliedProposals applied = apply(commit);
    RatchetTree tree = applied.tree;
    TreeKeys keys = state_.keys.carriedOver(state_.tree, applied.tree);
    SecretBytes commitSecret = zeroSecret(state_.suite());
    if (forgery.path == Forgery::Path::with && tree.leafView(state_.ownLeaf())) {
      NewPath path = makePath(tree, keys, *tree.leaf(state_.ownLeaf()), state_.context.groupId,
                              state_.signatureKey.expose(), random_)
                         .value();
      ProvisionalEpoch next = provisionalEpoch(state_, path.tree, applied.extensions);
      commit.path = sealPath(path, applied.added, encode(next.context), random_).value();
      forgery.onPath(*commit.path);
      tree = path.tree;
      keys = path.keys.clone();
      commitSecret = path.commitSecret.clone();
    }
    SecretBytes psk = zeroSecret(state_.suite());
    AuthenticatedContent content = sign({std::move(commit)}, format);
    forgery.onSigned(content);
    BegunEpoch begun = beginEpoch(state_, {state_.secrets.initSecret.expose(), commitSecret.expose(), psk.expose()},
                                  provisionalEpoch(state_, tree, applied.extensions), std::move(keys),
                                  state_.signatureKey.clone(), content);
    content.auth.confirmationTag = begun.confirmationTag;
    forgery.onTag(content.auth.confirmationTag);
    return content;
  }

  Bytes show(AuthenticatedContent content) {
    return encode(MLSMessage{.message = {protectPublic(state_.suite(), state_.secrets.membershipKey.expose(),
                                                       std::move(content), encode(state_.context))
                                             .value()}});
  }

  AuthenticatedContent sign(Content content, WireFormat format = WireFormat::privateMessage,
                            Bytes authenticatedData = {}) {
    FramedContent framed{.groupId = state_.context.groupId,
                         .epoch = state_.context.epoch,
                         .sender = {MemberSender{state_.ownLeaf()}},
                         .authenticatedData = std::move(authenticatedData),
                         .content = std::move(content)};
    return signContent(state_.suite(), state_.signatureKey.expose(), format, std::move(framed), encode(state_.context))
        .value();
  }

  Bytes seal(AuthenticatedContent content, RatchetType type, std::optional<Generation> generation = {}) {
    StagedKey key = state_.messageKeys.stageNext(state_.ownLeaf(), type).value();
    return encode(MLSMessage{.message = {sealPrivate(state_.suite(), std::move(content),
                                                     {.senderDataSecret = state_.secrets.senderDataSecret.expose(),
                                                      .leaf = state_.ownLeaf(),
                                                      .generation = generation.value_or(key.generation()),
                                                      .key = key.key()},
                                                     random_)
                                             .value()}});
  }

  // A leaf as an Update proposal or a path of ours would bring it.
  LeafNode updateLeaf() {
    LeafNode leaf = *state_.tree.leaf(state_.ownLeaf());
    leaf.encryptionKey = crypto::generateKemKeyPair(state_.suite().kem, random_).publicKey;
    leaf.source = {UpdateSource{}};
    return signLeafNode(state_.suite(), std::move(leaf), state_.context.groupId, state_.ownLeaf(),
                        state_.signatureKey.expose())
        .value();
  }

  const EpochState& state() const { return state_; }
  ProposalStore& store() { return store_; }

 private:
  static EpochState stateOf(const Group& group) {
    std::vector<Record> records = group.save();
    EpochParts parts;
    for (const Record& record : records) {
      RecordKey key = decode<RecordKey>(record.key).value();
      ByteView value = record.value.expose();
      if (key.kind == RecordKind::epoch) parts.context = decode<GroupContext>(value).value();
      if (key.kind == RecordKind::secrets) parts.readSecrets(value).value();
      if (key.kind == RecordKind::node) parts.readNode({key.a}, value).value();
      if (key.kind == RecordKind::privateKey) parts.privateKeys.push_back({{key.a}, SecretBytes(value)});
    }
    EpochState state = std::move(parts).assemble(group.suite(), group.ownLeaf()).value();
    for (const Record& record : records) {
      RecordKey key = decode<RecordKey>(record.key).value();
      if (key.kind < RecordKind::treeSecret || key.kind > RecordKind::skippedKey) continue;
      state.messageKeys.restore(key, record.value.expose()).value();
    }
    return state;
  }

  // As far as the proposals can be applied at all.
  AppliedProposals apply(const Commit& commit) {
    auto proposals = resolveProposals(commit, store_, {MemberSender{state_.ownLeaf()}});
    if (proposals) {
      auto applied = applyProposals(*proposals, state_, {});
      if (applied) return *std::move(applied);
    }
    return {.tree = state_.tree, .extensions = state_.context.extensions};
  }

  EpochState state_;
  Random& random_;
  ProposalStore store_;
};

}  // namespace qpq::mls
