#include "mls/group/process_commit.h"

#include <algorithm>

#include "mls/group/external_init.h"
#include "mls/group/judge_commit.h"
#include "mls/tree/treekem.h"

namespace qpq::mls {
namespace {

// Our keys after the proposals, and the key we sign with from then on.
struct OwnKeys {
  TreeKeys tree;
  crypto::SigningKey signatureKey;
};

Result<OwnKeys> ownKeysAfter(const PublicView& view, const EpochState& before, const JudgedCommit& judged) {
  OwnKeys keys{before.keys.carriedOver(before.tree, judged.joined), before.signatureKey.clone()};
  for (const CommittedProposal& item : judged.proposals) {
    if (item.proposal->as<Update>() == nullptr || item.sender != before.ownLeaf()) continue;
    const UpdateKeys* own = view.proposals.updateKeys(item.stored->ref);
    if (own == nullptr) return fail(ErrorCode::privateKeyMismatch, toNode(before.ownLeaf()).value);
    keys.tree.set(toNode(before.ownLeaf()), own->leafKey.clone());
    keys.signatureKey = TRY(crypto::SigningKey::from(before.suite().signature, own->signatureKey.expose()));
  }
  return keys;
}

Result<OpenedPath> openSecrets(const EpochState& before, const JudgedCommit& judged, TreeKeys keys,
                               const std::optional<UpdatePath>& path) {
  if (!path) return OpenedPath{std::move(keys), zeroSecret(before.suite())};
  auto opened = openPath(judged.provisional.tree, keys, judged.effects.committer, *path, judged.applied.added,
                         encode(judged.provisional.context));
  if (!opened) return fail(ErrorCode::badPath, opened.error().index);
  return opened;
}

Result<SecretBytes> initSecretOf(const EpochState& before, const JudgedCommit& judged) {
  const auto& external = judged.applied.externalInit;
  if (!external) return before.secrets.initSecret.clone();
  return openExternalInit(before.suite(), before.secrets.externalSecret.expose(), *external);
}

bool removes(const CommitEffects& effects, LeafIndex leaf) {
  return std::ranges::contains(effects.removed, leaf, &MemberRemoved::leaf);
}

}  // namespace

Result<ProcessedCommit> processCommit(const PublicView& view, const EpochState& before,
                                      const AuthenticatedContent& message, const PskSource& psks) {
  JudgedCommit judged = TRY(judgeCommit(view, message));
  if (removes(judged.effects, before.ownLeaf())) {
    return ProcessedCommit{std::move(judged.effects), std::move(judged.provisional), std::nullopt};
  }
  const Commit& commit = *message.content.content.as<Commit>();
  SecretBytes pskSecret = TRY(pskSecretOf(before.suite(), judged.applied.psks, psks));
  SecretBytes initSecret = TRY(initSecretOf(before, judged));
  OwnKeys own = TRY(ownKeysAfter(view, before, judged));
  OpenedPath opened = TRY(openSecrets(before, judged, std::move(own.tree), commit.path));
  EpochInputs inputs{initSecret.expose(), opened.commitSecret.expose(), pskSecret.expose()};
  BegunEpoch begun =
      beginEpoch(before, inputs, judged.provisional, std::move(opened.keys), std::move(own.signatureKey), message);
  if (!constantTimeEqual(begun.confirmationTag, message.auth.confirmationTag)) return fail(ErrorCode::confirmationTag);
  return ProcessedCommit{std::move(judged.effects), std::move(judged.provisional), std::move(begun.state)};
}

}  // namespace qpq::mls
