#include "mls/tree/validate.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "mls/tree/key_set.h"
#include "mls/tree/leaf_validation.h"
#include "mls/tree/parent_hash.h"

namespace qpq::mls {

namespace {

// Runs one rule for one leaf and says whose leaf it was.
template <class Rule>
Result<void> forLeaf(LeafIndex index, Rule rule) {
  Result<void> result = rule();
  if (!result) return fail(result.error().code, index.value);
  return {};
}

template <class Rule>
Result<void> forEachLeaf(const RatchetTree& tree, Rule rule) {
  Result<void> result;
  tree.forEachLeaf([&](LeafIndex index, LeafView leaf) {
    if (result) result = forLeaf(index, [&] { return rule(leaf.decoded()); });
  });
  return result;
}

Result<void> checkAllKeysUnique(const RatchetTree& tree) {
  std::vector<KeySet::OwnedKey> encryption;
  std::vector<KeySet::OwnedKey> signature;
  for (NodeIndex at : tree.present()) encryption.push_back({*tree.encryptionKey(at), at});
  tree.forEachLeaf([&](LeafIndex index, LeafView leaf) { signature.push_back({leaf.signatureKey(), toNode(index)}); });
  if (auto owner = KeySet(std::move(signature)).duplicate()) {
    return fail(ErrorCode::duplicateSignatureKey, toLeaf(*owner).value);
  }
  if (auto owner = KeySet(std::move(encryption)).duplicate()) {
    return fail(ErrorCode::duplicateEncryptionKey, owner->value);
  }
  return {};
}

// One pass over the tree, whatever the number of changed leaves.
Result<void> checkChangedKeysUnique(const RatchetTree& tree, std::span<const LeafIndex> changed) {
  std::vector<KeySet::OwnedKey> encryption;
  std::vector<KeySet::OwnedKey> signature;
  for (LeafIndex index : changed) {
    LeafView leaf = *tree.leafView(index);
    encryption.push_back({leaf.encryptionKey(), toNode(index)});
    signature.push_back({leaf.signatureKey(), toNode(index)});
  }
  KeySet encryptionKeys(std::move(encryption));
  KeySet signatureKeys(std::move(signature));
  if (auto owner = signatureKeys.duplicate()) {
    return fail(ErrorCode::duplicateSignatureKey, toLeaf(*owner).value);
  }
  if (auto owner = encryptionKeys.duplicate()) {
    return fail(ErrorCode::duplicateEncryptionKey, owner->value);
  }
  Result<void> result;
  tree.findKeys(encryptionKeys, signatureKeys, [&](NodeIndex at, KeyKind kind) {
    if (!result) return;
    result = kind == KeyKind::signature ? fail(ErrorCode::duplicateSignatureKey, toLeaf(at).value)
                                        : fail(ErrorCode::duplicateEncryptionKey, at.value);
  });
  return result;
}

// RFC 9420 §7.3, §5.3.3: every member supports every credential type in use. Where one does not, the first is looked
// for. Types in use are few: those the codec knows.
Result<void> checkCredentials(const RatchetTree& tree) {
  if (tree.credentialsFit()) return {};
  std::vector<CredentialType> inUse;
  tree.forEachLeaf([&](LeafIndex, LeafView leaf) {
    CredentialType type = leaf.credential().type();
    if (!std::ranges::contains(inUse, type)) inUse.push_back(type);
  });
  return forEachLeaf(tree, [&](const LeafNode& leaf) -> Result<void> {
    auto supported = [&](CredentialType type) { return leaf.capabilities.supports(type); };
    if (!std::ranges::all_of(inUse, supported)) return fail(ErrorCode::credentialUnsupported);
    return {};
  });
}

Result<void> checkParentKeys(const RatchetTree& tree) {
  std::size_t size = crypto::kemPublicKeySize(tree.suite().kem);
  Result<void> result;
  tree.forEachParent([&](NodeIndex at, ParentView parent) {
    if (result && parent.encryptionKey().size() != size) result = fail(ErrorCode::leafKeyLength, at.value);
  });
  return result;
}

Result<void> verifyLeafSignatures(const RatchetTree& tree, ByteView groupId, std::span<const LeafIndex> leaves,
                                  Executor* executor) {
  return checkEachPart(executor, leaves.size(), [&](std::size_t i) {
    return verifyLeafSignature(tree.suite(), *tree.leaf(leaves[i]), groupId, leaves[i]);
  });
}

}  // namespace

Result<void> validateTree(const RatchetTree& tree, const GroupContext& context, Executor* executor) {
  const crypto::Suite& suite = tree.suite();
  if (context.cipherSuite != CipherSuiteId{suite.id}) return fail(ErrorCode::wrongSuite);
  if (!equal(tree.treeHash(), context.treeHash)) return fail(ErrorCode::treeHashMismatch);
  GroupRequirements requirements = TRY(GroupRequirements::of(context));
  // What costs little comes first.
  TRY(checkParentKeys(tree));
  TRY(forEachLeaf(tree, [&](const LeafNode& leaf) -> Result<void> {
    TRY(checkLeafNode(suite, leaf));
    return requirements.check(leaf);
  }));
  TRY(checkCredentials(tree));
  TRY(checkAllKeysUnique(tree));
  TRY(verifyParentHashes(tree));
  std::vector<LeafIndex> everybody;
  tree.forEachLeaf([&](LeafIndex index, LeafView) { everybody.push_back(index); });
  return verifyLeafSignatures(tree, context.groupId, everybody, executor);
}

Result<void> validateChangedLeaves(const RatchetTree& tree, const GroupContext& context,
                                   std::span<const LeafIndex> changed, std::span<const LeafIndex> unproven,
                                   Executor* executor) {
  GroupRequirements requirements = TRY(GroupRequirements::of(context));
  for (LeafIndex index : changed) {
    auto leaf = tree.leaf(index);
    if (!leaf) return fail(ErrorCode::blankLeaf, index.value);
    TRY(forLeaf(index, [&]() -> Result<void> {
      TRY(checkLeafNode(tree.suite(), *leaf));
      return requirements.check(*leaf);
    }));
  }
  TRY(checkCredentials(tree));
  TRY(checkChangedKeysUnique(tree, changed));
  return verifyLeafSignatures(tree, context.groupId, unproven, executor);
}

Result<void> validateRequirements(const RatchetTree& tree, const GroupContext& context) {
  GroupRequirements requirements = TRY(GroupRequirements::of(context));
  return forEachLeaf(tree, [&](const LeafNode& leaf) { return requirements.check(leaf); });
}

}  // namespace qpq::mls
