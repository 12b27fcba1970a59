#include "mls/group/update_leaf.h"

#include "mls/tree/leaf_validation.h"

namespace qpq::mls {

Result<NewLeaf> makeUpdateLeaf(const EpochState& epoch, const LeafChanges& changes, Random& random) {
  const crypto::Suite& suite = epoch.suite();
  crypto::KemKeyPair pair = crypto::generateKemKeyPair(suite.kem, random);
  crypto::SigningKey signer = TRY(changedSignatureKey(epoch, changes));
  UpdateKeys keys{std::move(pair.privateKey), SecretBytes(signer.expose())};
  LeafNode leaf = changedLeaf(*epoch.tree.leaf(epoch.ownLeaf()), changes);
  leaf.encryptionKey = std::move(pair.publicKey);
  leaf.source = {UpdateSource{}};
  TRY(checkLeafNode(suite, leaf));
  TRY(TRY(GroupRequirements::of(epoch.context)).check(leaf));
  leaf = TRY(signLeafNode(suite, std::move(leaf), epoch.context.groupId, epoch.ownLeaf(), signer));
  return NewLeaf{std::move(leaf), std::move(keys)};
}

LeafNode changedLeaf(const LeafNode& before, const LeafChanges& changes) {
  LeafNode leaf = before;
  if (changes.credential) leaf.credential = *changes.credential;
  if (changes.capabilities) leaf.capabilities = *changes.capabilities;
  if (changes.extensions) leaf.extensions = *changes.extensions;
  if (changes.signatureKey != nullptr) leaf.signatureKey = changes.signatureKey->publicKey;
  return leaf;
}

Result<crypto::SigningKey> changedSignatureKey(const EpochState& epoch, const LeafChanges& changes) {
  if (changes.signatureKey == nullptr) return epoch.signatureKey.clone();
  return TRY(crypto::SigningKey::from(epoch.suite().signature, changes.signatureKey->privateKey.expose()));
}

}  // namespace qpq::mls
