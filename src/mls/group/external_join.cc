#include "mls/group/external_join.h"

#include <algorithm>

#include "mls/framing/content.h"
#include "mls/group/check_proposal.h"
#include "mls/group/create_commit.h"
#include "mls/group/external_init.h"
#include "mls/group/group.h"
#include "mls/group/judge_commit.h"
#include "mls/group/sender.h"
#include "mls/schedule/transcript.h"
#include "mls/tree/treekem.h"

namespace qpq::mls {
namespace {

// draft-ietf-mls-extensions §5.3: checked like a member would, but for the membership tag, whose key we do not have.
Result<void> takeSelfRemove(ProposalStore& store, const PublicEpoch& epoch, const GroupPolicy& policy,
                            ByteView encoded) {
  MLSMessage message = TRY(decode<MLSMessage>(encoded));
  const auto* shown = message.as<PublicMessage>();
  if (shown == nullptr) return fail(ErrorCode::wrongWireFormat);
  const FramedContent& content = shown->content;
  if (content.groupId != epoch.context.groupId) return fail(ErrorCode::wrongGroup);
  if (content.epoch != epoch.context.epoch) return fail(ErrorCode::pastEpoch);
  const auto* proposal = content.content.as<Proposal>();
  if (proposal == nullptr || proposal->as<SelfRemove>() == nullptr) return fail(ErrorCode::wrongContentType);
  AuthenticatedContent authentic{WireFormat::publicMessage, content, shown->auth};
  TRY(verifyContent(epoch.suite(), TRY(signatureKeyOf(epoch, content)), authentic, encode(epoch.context)));
  store.put(TRY(admitProposal({epoch, store, policy}, authentic, crypto::sha256(encoded))));
  return {};
}

Commit commitOf(const crypto::Suite& suite, ExternalInit init, const EntryOptions& options, const ProposalStore& store,
                Random& random) {
  Commit commit;
  auto append = [&](auto proposal) { commit.proposals.push_back({Proposal{std::move(proposal)}}); };
  append(std::move(init));
  if (options.resync) append(Remove{*options.resync});
  for (const Bytes& id : options.externalPsks) append(PreSharedKey{pskIdFor(suite, {ExternalPSK{id}}, random)});
  for (const ResumptionPSK& psk : options.resumptionPsks) append(PreSharedKey{pskIdFor(suite, {psk}, random)});
  for (const StoredProposal* stored : store.received()) commit.proposals.push_back({stored->ref});
  return commit;
}

// The own leaf in its place, and the path from there. Everything but the leaf's keys and source is said here.
Result<NewPath> pathOf(RatchetTree tree, ByteView groupId, const crypto::SignatureKeyPair& signer,
                       const EntryOptions& options, Random& random) {
  LeafNode leaf{.signatureKey = signer.publicKey,
                .credential = options.credential,
                .capabilities = options.capabilities,
                .extensions = options.leafExtensions};
  LeafIndex self = TRY(tree.add(leaf));
  return makePath(tree, TreeKeys(self, std::vector<NodePrivateKey>()), std::move(leaf), groupId,
                  signer.privateKey.expose(), random);
}

}  // namespace

Result<ExternalCommit> createExternalCommit(const PublicEpoch& before, ByteView externalPub,
                                            const crypto::SignatureKeyPair& signer, const EntryOptions& options,
                                            Random& random) {
  const crypto::Suite& suite = before.suite();
  ProposalStore store;
  for (const Bytes& message : options.selfRemoves) TRY(takeSelfRemove(store, before, options.policy, message));
  NewExternalInit init = TRY(makeExternalInit(suite, externalPub, random));
  Commit commit = commitOf(suite, std::move(init.proposal), options, store, random);
  PublicView view{before, store, options.policy};
  Sender sender{NewMemberCommit{}};
  ProposalList proposals = TRY(resolveProposals(commit, store, sender));
  TRY(checkInlineProposals(view, proposals));
  TRY(checkProposalList(proposals, before.tree, sender));
  AppliedProposals applied = TRY(applyProposals(proposals, before, {}));
  SecretBytes pskSecret =
      TRY(pskSecretOf(suite, applied.psks, {.external = options.psks, .resumption = options.resumptionKeys}));

  NewPath path = TRY(pathOf(applied.tree, before.context.groupId, signer, options, random));
  ProvisionalEpoch next = provisionalEpoch(before, path.tree, applied.extensions);
  commit.path = TRY(sealPath(path, {}, encode(next.context), random, options.executor));
  FramedContent framed{.groupId = before.context.groupId,
                       .epoch = before.context.epoch,
                       .sender = sender,
                       .authenticatedData = toBytes(options.authenticatedData),
                       .content = {std::move(commit)}};
  AuthenticatedContent content = TRY(signContent(suite, signer.privateKey.expose(), WireFormat::publicMessage,
                                                 std::move(framed), encode(before.context)));
  TRY(checkSender(options.policy, content.content));
  JudgedCommit judged = TRY(judgeCommit(view, content));  // as the members will
  EpochInputs inputs{init.initSecret.expose(), path.commitSecret.expose(), pskSecret.expose()};
  BegunEpoch begun = beginEpoch(before, inputs, std::move(next), std::move(path.keys),
                                TRY(crypto::SigningKey::from(suite.signature, signer.privateKey.expose())), content);
  content.auth.confirmationTag = begun.confirmationTag;
  return ExternalCommit{std::move(judged.effects), std::move(begun.state), std::move(content)};
}

Result<EnteredGroup> Group::enter(const GroupInfo& groupInfo, const crypto::SignatureKeyPair& signer,
                                  EntryOptions options, Random& random) {
  const GroupContext& context = groupInfo.groupContext;
  const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(context.cipherSuite), options.suites);
  if (suite == nullptr) return fail(ErrorCode::unknownSuite);
  if (std::ranges::contains(options.groupsJoined, context.groupId)) return fail(ErrorCode::groupExists);
  const Extension* extension = groupInfo.extensions.find(ExtensionType::externalPub);
  if (extension == nullptr) return fail(ErrorCode::externalPubMissing);
  ExternalPub key = TRY(decode<ExternalPub>(extension->data));

  RatchetTree tree = TRY(treeOf(*suite, groupInfo, std::move(options.ratchetTree)));
  TRY(checkGroupInfo(tree, groupInfo, options.executor));
  PublicEpoch before{context, std::move(tree),
                     interimTranscriptHash(*suite, context.confirmedTranscriptHash, groupInfo.confirmationTag),
                     std::nullopt};
  ExternalCommit made = TRY(createExternalCommit(before, key.externalPub, signer, options, random));
  Group group(std::move(made.next), options.policy);
  group.touch(group.recordKeys());
  PublicMessage message{std::move(made.content.content), std::move(made.content.auth), {}};
  return EnteredGroup{std::move(group), encode(MLSMessage{.message = {std::move(message)}}), std::move(made.effects)};
}

}  // namespace qpq::mls
