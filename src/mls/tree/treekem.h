#pragma once

#include <span>
#include <vector>

#include "base/random.h"
#include "base/secret.h"
#include "mls/executor.h"
#include "mls/message/commit.h"
#include "mls/tree/ratchet_tree.h"
#include "mls/tree/tree_keys.h"

// RFC 9420 §7.4 to §7.6: making and reading update paths. The path secrets are sealed under the provisional
// GroupContext, which holds the hash of the tree the path makes; so making a path has two steps, and between them the
// caller builds that context from NewPath::tree.
namespace qpq::mls {

// The secret of one node of a path: given to newcomers below it (§12.4.3.1), wiped with the path.
struct NodePathSecret {
  PathStep step;
  SecretBytes secret;
};

struct NewPath {
  RatchetTree tree;                     // of the next epoch; the signed leaf stands in it
  TreeKeys keys;                        // the committer's, of the next epoch
  std::vector<NodePathSecret> secrets;  // of the filtered direct path, from leaf to root
  SecretBytes commitSecret;

  // For a newcomer's GroupSecrets: the secret of the lowest node above both (§12.4.3.1); nullptr if there is none.
  const SecretBytes* secretFor(LeafIndex newcomer) const;
};

// Step one. `tree` and `keys` are those after the commit's proposals; `leaf` is what the own leaf shall say: its
// encryption key, source and signature are made here. blankLeaf if the own leaf is not in the tree.
Result<NewPath> makePath(const RatchetTree& tree, const TreeKeys& keys, LeafNode leaf, ByteView groupId,
                         crypto::Signer signer, Random& random);
// Step two: seals the secrets to everybody but the `newLeaves` (ascending) of this commit. `groupContext` is the
// encoded provisional one. invalidKey (node index): somebody's public key is none; that member must be removed first.
Result<UpdatePath> sealPath(const NewPath& path, std::span<const LeafIndex> newLeaves, ByteView groupContext,
                            Random& random, Executor* executor = nullptr);

struct OpenedPath {
  TreeKeys keys;  // of the next epoch
  SecretBytes commitSecret;
};

// For a member other than the sender. `merged` is mergePath()'s result, `keys` are those after the commit's proposals.
// pathNotReadable (no key of ours fits), decryptionFailed, pathSecretLength, pathKeyMismatch (node index).
Result<OpenedPath> openPath(const RatchetTree& merged, const TreeKeys& keys, LeafIndex sender, const UpdatePath& path,
                            std::span<const LeafIndex> newLeaves, ByteView groupContext);

// RFC 9420 §12.4.3.1: the private keys of a newcomer: its leaf's, and if the commit had a path, those from the lowest
// node above it and the committer up. privateKeyMismatch, pathSecretLength, pathKeyMismatch (node index).
Result<TreeKeys> keysOfNewcomer(const RatchetTree& tree, LeafIndex self, SecretBytes leafPrivateKey,
                                LeafIndex committer, const SecretBytes* pathSecret);

}  // namespace qpq::mls
