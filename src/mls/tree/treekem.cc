#include "mls/tree/treekem.h"

#include <algorithm>
#include <cassert>

#include "mls/schedule/encrypt_to_all.h"
#include "mls/schedule/labelled.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/parent_hash.h"
#include "mls/tree/update_path.h"

namespace qpq::mls {

namespace {

constexpr std::string_view kSealLabel = "UpdatePathNode";

SecretBytes nextPathSecret(const crypto::Suite& suite, const SecretBytes& secret) {
  return deriveSecret(suite, secret.expose(), "path");
}

Result<void> checkLength(const crypto::Suite& suite, const SecretBytes& pathSecret) {
  if (pathSecret.size() != crypto::hashSize(suite.hash)) return fail(ErrorCode::pathSecretLength);
  return {};
}

// RFC 9420 §7.5 steps 4 to 6: the keys of the nodes from a path secret upwards, each of which must be the one in the
// tree. Returns the secret beyond the last, which is the commit secret.
Result<SecretBytes> climb(const RatchetTree& tree, std::span<const NodeIndex> nodes, SecretBytes secret,
                          TreeKeys& keys) {
  TRY(checkLength(tree.suite(), secret));
  for (NodeIndex node : nodes) {
    auto expected = tree.encryptionKey(node);
    HPKEPublicKey derived = keys.setPathSecret(tree.suite(), node, secret.expose());
    if (!expected || !equal(derived, *expected)) return fail(ErrorCode::pathKeyMismatch, node.value);
    secret = nextPathSecret(tree.suite(), secret);
  }
  return secret;
}

// A ciphertext of the path and the key of ours that opens it.
struct Readable {
  std::size_t step;
  const HPKECiphertext* ciphertext;
  const SecretBytes* key;
};

// RFC 9420 §7.5 steps 1 to 3.
Result<Readable> findReadable(const RatchetTree& tree, const std::vector<PathStep>& steps, const TreeKeys& keys,
                              const UpdatePath& path, std::span<const LeafIndex> newLeaves) {
  auto beside = std::ranges::find_if(
      steps, [&](const PathStep& step) { return leavesBelow(step.copathChild).contains(keys.self()); });
  if (beside == steps.end()) return fail(ErrorCode::pathNotReadable);
  auto step = static_cast<std::size_t>(beside - steps.begin());
  std::vector<NodeIndex> recipients = pathRecipients(tree, beside->copathChild, newLeaves);
  for (std::size_t i = 0; i < recipients.size(); ++i) {
    const SecretBytes* key = keys.find(recipients[i]);
    if (!key) continue;
    return Readable{step, &path.nodes[step].encryptedPathSecret[i], key};
  }
  return fail(ErrorCode::pathNotReadable, beside->copathChild.value);
}

// Without the keys of nodes above `sender`: the path has replaced them.
TreeKeys withoutPathOf(const TreeKeys& keys, LeafIndex sender) {
  std::vector<NodePrivateKey> kept;
  for (const NodePrivateKey& entry : keys.entries()) {
    if (!leavesBelow(entry.node).contains(sender)) kept.push_back({entry.node, entry.key.clone()});
  }
  return TreeKeys(keys.self(), std::move(kept));
}

}  // namespace

const SecretBytes* NewPath::secretFor(LeafIndex newcomer) const {
  NodeIndex meeting = commonAncestor(keys.self(), newcomer);
  for (const NodePathSecret& node : secrets) {
    if (node.step.node == meeting) return &node.secret;
  }
  return nullptr;
}

Result<NewPath> makePath(const RatchetTree& tree, const TreeKeys& keys, LeafNode leaf, ByteView groupId,
                         crypto::Signer signer, Random& random) {
  const crypto::Suite& suite = tree.suite();
  LeafIndex self = keys.self();
  if (!tree.leafView(self)) return fail(ErrorCode::blankLeaf, self.value);

  // RFC 9420 §7.4. The leaf's key pair has a secret of its own: nobody else ever learns it.
  crypto::KemKeyPair leafKey = crypto::generateKemKeyPair(suite.kem, random);
  TreeKeys newKeys = withoutPathOf(keys, self);
  newKeys.set(toNode(self), std::move(leafKey.privateKey));
  SecretBytes secret(crypto::hashSize(suite.hash));
  random.fill(secret.writable());
  std::vector<NodePathSecret> secrets;
  std::vector<HPKEPublicKey> publicKeys;
  for (PathStep step : tree.filteredDirectPath(self)) {
    publicKeys.push_back(newKeys.setPathSecret(suite, step.node, secret.expose()));
    SecretBytes next = nextPathSecret(suite, secret);
    secrets.push_back({step, std::move(secret)});
    secret = std::move(next);
  }

  PathParents parents = parentsOfPath(tree, self, std::move(publicKeys));
  leaf.encryptionKey = std::move(leafKey.publicKey);
  leaf.source = {CommitParentHash{std::move(parents.leafParentHash)}};
  LeafNode signedLeaf = TRY(signLeafNode(suite, std::move(leaf), groupId, self, signer));
  RatchetTree next = tree;
  next.setPath(self, signedLeaf, parents.parents);
  return NewPath{std::move(next), std::move(newKeys), std::move(secrets), std::move(secret)};
}

Result<UpdatePath> sealPath(const NewPath& path, std::span<const LeafIndex> newLeaves, ByteView groupContext,
                            Random& random, Executor* executor) {
  const RatchetTree& tree = path.tree;
  UpdatePath sealed{.leafNode = *tree.leaf(path.keys.self())};
  std::vector<SealJob> jobs;
  std::vector<NodeIndex> recipients;
  for (const NodePathSecret& node : path.secrets) {
    UpdatePathNode& out = sealed.nodes.emplace_back();
    out.encryptionKey = toBytes(*tree.encryptionKey(node.step.node));
    std::vector<NodeIndex> below = pathRecipients(tree, node.step.copathChild, newLeaves);
    for (NodeIndex recipient : below) jobs.push_back({*tree.encryptionKey(recipient), node.secret.expose()});
    recipients.insert(recipients.end(), below.begin(), below.end());
    out.encryptedPathSecret.resize(below.size());
  }
  auto ciphertexts = encryptToAll(tree.suite(), kSealLabel, groupContext, jobs, random, executor);
  if (!ciphertexts) return fail(ciphertexts.error().code, recipients[ciphertexts.error().index].value);
  auto next = ciphertexts->begin();
  for (UpdatePathNode& node : sealed.nodes) {
    for (HPKECiphertext& place : node.encryptedPathSecret) place = std::move(*next++);
  }
  return sealed;
}

Result<OpenedPath> openPath(const RatchetTree& merged, const TreeKeys& keys, LeafIndex sender, const UpdatePath& path,
                            std::span<const LeafIndex> newLeaves, ByteView groupContext) {
  std::vector<PathStep> steps = merged.filteredDirectPath(sender);
  assert(steps.size() == path.nodes.size());
  Readable readable = TRY(findReadable(merged, steps, keys, path, newLeaves));
  SecretBytes secret =
      TRY(decryptWithLabel(merged.suite(), readable.key->expose(), kSealLabel, groupContext, *readable.ciphertext));
  std::vector<NodeIndex> above;
  for (std::size_t i = readable.step; i < steps.size(); ++i) above.push_back(steps[i].node);
  TreeKeys newKeys = withoutPathOf(keys, sender);
  SecretBytes commitSecret = TRY(climb(merged, above, std::move(secret), newKeys));
  return OpenedPath{std::move(newKeys), std::move(commitSecret)};
}

Result<TreeKeys> keysOfNewcomer(const RatchetTree& tree, LeafIndex self, SecretBytes leafPrivateKey,
                                LeafIndex committer, const SecretBytes* pathSecret) {
  TreeKeys keys(self, std::move(leafPrivateKey));
  TRY(keys.check(tree));
  if (!pathSecret) return keys;
  // After a path the nodes above the committer that are not blank are those of the path; the lowest one above both is
  // never blank, as the newcomer itself stands on the copath.
  NodeIndex meeting = commonAncestor(self, committer);
  std::vector<NodeIndex> above{meeting};
  for (auto node = parent(meeting, tree.leafCount()); node; node = parent(*node, tree.leafCount())) {
    if (tree.encryptionKey(*node)) above.push_back(*node);
  }
  TRY(climb(tree, above, pathSecret->clone(), keys));
  return keys;
}

}  // namespace qpq::mls
