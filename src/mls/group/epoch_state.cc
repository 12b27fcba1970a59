#include "mls/group/epoch_state.h"

#include "mls/schedule/transcript.h"

namespace qpq::mls {

BegunEpoch beginEpoch(const PublicEpoch& before, const EpochInputs& inputs, ProvisionalEpoch next, TreeKeys keys,
                      crypto::SigningKey signatureKey, const AuthenticatedContent& commit) {
  const crypto::Suite& suite = before.suite();
  next.context.confirmedTranscriptHash = confirmedTranscriptHash(suite, before.interimTranscriptHash, commit);
  Bytes context = encode(next.context);
  SecretBytes joiner = joinerSecret(suite, inputs.initSecret, inputs.commitSecret, context);
  EpochSecrets secrets =
      deriveEpochSecrets(suite, epochSecret(suite, joiner.expose(), inputs.pskSecret, context).expose());
  MAC tag = confirmationTag(suite, secrets.confirmationKey.expose(), next.context.confirmedTranscriptHash);
  EpochState state = stateOf(std::move(next.context), std::move(next.tree), std::move(keys), std::move(signatureKey),
                             std::move(secrets));
  state.reInit = std::move(next.reInit);
  return {std::move(state), std::move(joiner), std::move(tag)};
}

EpochState stateOf(GroupContext context, RatchetTree tree, TreeKeys keys, crypto::SigningKey signatureKey,
                   EpochSecrets secrets) {
  const crypto::Suite& suite = tree.suite();
  MAC tag = confirmationTag(suite, secrets.confirmationKey.expose(), context.confirmedTranscriptHash);
  Bytes interim = interimTranscriptHash(suite, context.confirmedTranscriptHash, tag);
  SecretTree messageKeys(suite, tree.leafCount(), std::move(secrets.encryptionSecret));
  ExporterTree exporters(suite, std::move(secrets.applicationExport));
  return {{std::move(context), std::move(tree), std::move(interim), {}},
          std::move(keys),
          std::move(signatureKey),
          std::move(secrets),
          std::move(messageKeys),
          std::move(exporters)};
}

}  // namespace qpq::mls
