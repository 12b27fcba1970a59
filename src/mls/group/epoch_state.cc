#include "mls/group/epoch_state.h"

#include "mls/schedule/transcript.h"

namespace qpq::mls {

ProvisionalEpoch provisionalEpoch(const EpochState& before, RatchetTree tree, Extensions extensions) {
  GroupContext context = before.context;
  context.epoch = before.context.epoch.next();
  context.treeHash = toBytes(tree.treeHash());
  context.extensions = std::move(extensions);
  return {std::move(context), std::move(tree)};
}

BegunEpoch beginEpoch(const EpochState& before, ProvisionalEpoch next, TreeKeys keys, SecretBytes signatureKey,
                      const AuthenticatedContent& commit, ByteView commitSecret, ByteView pskSecret) {
  const crypto::Suite& suite = before.suite();
  next.context.confirmedTranscriptHash = confirmedTranscriptHash(suite, before.interimTranscriptHash, commit);
  Bytes context = encode(next.context);
  SecretBytes joiner = joinerSecret(suite, before.secrets.initSecret.expose(), commitSecret, context);
  EpochSecrets secrets = deriveEpochSecrets(suite, epochSecret(suite, joiner.expose(), pskSecret, context).expose());
  MAC tag = confirmationTag(suite, secrets.confirmationKey.expose(), next.context.confirmedTranscriptHash);
  EpochState state = stateOf(std::move(next.context), std::move(next.tree), std::move(keys), std::move(signatureKey),
                             std::move(secrets));
  return {std::move(state), std::move(joiner), std::move(tag)};
}

EpochState stateOf(GroupContext context, RatchetTree tree, TreeKeys keys, SecretBytes signatureKey,
                   EpochSecrets secrets) {
  const crypto::Suite& suite = tree.suite();
  MAC tag = confirmationTag(suite, secrets.confirmationKey.expose(), context.confirmedTranscriptHash);
  Bytes interim = interimTranscriptHash(suite, context.confirmedTranscriptHash, tag);
  SecretTree messageKeys(suite, tree.leafCount(), std::move(secrets.encryptionSecret));
  return {.context = std::move(context),
          .tree = std::move(tree),
          .interimTranscriptHash = std::move(interim),
          .keys = std::move(keys),
          .signatureKey = std::move(signatureKey),
          .secrets = std::move(secrets),
          .messageKeys = std::move(messageKeys)};
}

}  // namespace qpq::mls
