#include "mls/tree/update_path.h"

#include <algorithm>

#include "mls/tree/key_set.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/parent_hash.h"

namespace qpq::mls {

namespace {

// RFC 9420 §7.6: one node per step, one ciphertext per recipient.
Result<void> checkShape(const RatchetTree& tree, const std::vector<PathStep>& steps, const UpdatePath& path,
                        std::span<const LeafIndex> newLeaves) {
  if (path.nodes.size() != steps.size()) return fail(ErrorCode::pathLength);
  std::size_t keySize = crypto::kemPublicKeySize(tree.suite().kem);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    std::size_t recipients = pathRecipients(tree, steps[i].copathChild, newLeaves).size();
    if (path.nodes[i].encryptedPathSecret.size() != recipients) {
      return fail(ErrorCode::pathCiphertexts, steps[i].node.value);
    }
    if (path.nodes[i].encryptionKey.size() != keySize) return fail(ErrorCode::leafKeyLength, steps[i].node.value);
  }
  return {};
}

// RFC 9420 §12.4.2: none of the path's public keys stands in the tree, and none in the path twice.
Result<void> checkKeysFresh(const RatchetTree& tree, LeafIndex sender, const std::vector<PathStep>& steps,
                            const UpdatePath& path) {
  std::vector<KeySet::OwnedKey> keys{{path.leafNode.encryptionKey}};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    ByteView key = path.nodes[i].encryptionKey;
    if (std::ranges::any_of(keys, [&](const KeySet::OwnedKey& other) { return equal(key, other.key); })) {
      return fail(ErrorCode::pathKeyReused, steps[i].node.value);
    }
    keys.push_back({key});
  }
  Result<void> result;
  tree.findKeys(KeySet(std::move(keys)), {}, [&](NodeIndex at, KeyKind) {
    if (result) result = fail(at == toNode(sender) ? ErrorCode::leafKeyUnchanged : ErrorCode::pathKeyReused, at.value);
  });
  return result;
}

// The rest of the way, alike for members and joiners: `tree` holds a leaf of the sender, `known` holds the keys the
// path must not bring again.
Result<RatchetTree> merge(const RatchetTree& tree, const RatchetTree& known, ByteView groupId, LeafIndex sender,
                          const UpdatePath& path, std::span<const LeafIndex> newLeaves) {
  std::vector<PathStep> steps = tree.filteredDirectPath(sender);
  TRY(checkShape(tree, steps, path, newLeaves));
  TRY(checkKeysFresh(known, sender, steps, path));

  std::vector<HPKEPublicKey> keys;
  for (const UpdatePathNode& node : path.nodes) keys.push_back(node.encryptionKey);
  PathParents parents = parentsOfPath(tree, sender, std::move(keys));
  if (path.leafNode.source.as<CommitParentHash>()->value != parents.leafParentHash) {
    return fail(ErrorCode::pathParentHash, toNode(sender).value);
  }
  TRY(verifyLeafSignature(tree.suite(), path.leafNode, groupId, sender));

  RatchetTree merged = tree;
  merged.setPath(sender, path.leafNode, parents.parents);
  return merged;
}

}  // namespace

std::vector<NodeIndex> pathRecipients(const RatchetTree& tree, NodeIndex copathChild,
                                      std::span<const LeafIndex> newLeaves) {
  std::vector<NodeIndex> recipients = tree.resolution(copathChild);
  std::erase_if(recipients,
                [&](NodeIndex node) { return isLeaf(node) && std::ranges::binary_search(newLeaves, toLeaf(node)); });
  return recipients;
}

Result<RatchetTree> mergePath(const RatchetTree& tree, ByteView groupId, LeafIndex sender, const UpdatePath& path,
                              std::span<const LeafIndex> newLeaves) {
  auto before = tree.leafView(sender);
  if (!before) return fail(ErrorCode::blankLeaf, sender.value);
  TRY(checkReplacement(before->encryptionKey(), path.leafNode, LeafNodeSource::commit));
  return merge(tree, tree, groupId, sender, path, newLeaves);
}

Result<MergedJoiner> mergeJoinerPath(const RatchetTree& tree, ByteView groupId, const UpdatePath& path) {
  if (path.leafNode.source.type() != LeafNodeSource::commit) return fail(ErrorCode::leafSource);
  RatchetTree joined = tree;
  LeafIndex leaf = TRY(joined.add(path.leafNode));
  RatchetTree merged = TRY(merge(joined, tree, groupId, leaf, path, {}));
  return MergedJoiner{std::move(joined), std::move(merged), leaf};
}

}  // namespace qpq::mls
