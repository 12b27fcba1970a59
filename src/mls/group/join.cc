#include <algorithm>

#include "mls/group/group.h"
#include "mls/tree/treekem.h"
#include "mls/tree/validate.h"

namespace qpq::mls {
namespace {

// §12.4.3.3: from the GroupInfo, or from wherever the application has it.
Result<RatchetTree> treeOf(const crypto::Suite& suite, const GroupInfo& info, JoinOptions& options) {
  const Extension* inlined = info.extensions.find(ExtensionType::ratchetTree);
  if (inlined == nullptr) {
    return options.ratchetTree ? RatchetTree::fromNodes(suite, *std::move(options.ratchetTree))
                               : fail(ErrorCode::treeEmpty);
  }
  RatchetTreeNodes nodes = TRY(decode<RatchetTreeNodes>(inlined->data));
  return RatchetTree::fromNodes(suite, std::move(nodes));
}

Result<LeafIndex> leafOf(const RatchetTree& tree, const LeafNode& mine) {
  Result<LeafIndex> found = fail(ErrorCode::ownLeafMissing);
  tree.forEach([&](NodeIndex at, const LeafNode* leaf, const ParentNode*) {
    if (leaf != nullptr && *leaf == mine) found = toLeaf(at);
  });
  return found;
}

Result<void> checkSignatureKey(const crypto::Suite& suite, ByteView privateKey, const LeafNode& leaf) {
  auto publicKey = crypto::signaturePublicKey(suite.signature, privateKey);
  if (!publicKey || *publicKey != leaf.signatureKey) return fail(ErrorCode::privateKeyMismatch);
  return {};
}

// Who signed the GroupInfo; the newcomer itself cannot have.
Result<void> checkSigner(const RatchetTree& tree, const GroupInfo& info, LeafIndex self) {
  const LeafNode* signer = tree.leaf(info.signer);
  if (signer == nullptr || info.signer == self) return fail(ErrorCode::unknownSender, info.signer.value);
  return verifyGroupInfo(tree.suite(), info, signer->signatureKey);
}

}  // namespace

Result<JoinedGroup> Group::join(const Welcome& welcome, const KeyPackage& keyPackage,
                                const KeyPackagePrivateKeys& privateKeys, ByteView signatureKey, JoinOptions options) {
  const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(welcome.cipherSuite));
  if (suite == nullptr) return fail(ErrorCode::unknownSuite);
  TRY(checkSignatureKey(*suite, signatureKey, keyPackage.leafNode));
  OpenedWelcome opened =
      TRY(openWelcome(*suite, welcome, keyPackage, privateKeys.initKey.expose(), {.external = options.psks}));
  GroupInfo& info = opened.groupInfo;
  if (std::ranges::contains(options.groupsJoined, info.groupContext.groupId)) return fail(ErrorCode::groupExists);

  RatchetTree tree = TRY(treeOf(*suite, info, options));
  LeafIndex self = TRY(leafOf(tree, keyPackage.leafNode));
  TRY(checkSigner(tree, info, self));
  TRY(validateTree(tree, info.groupContext));
  const auto& pathSecret = opened.secrets.pathSecret;
  TreeKeys keys = TRY(keysOfNewcomer(tree, self, privateKeys.leafKey.clone(), info.signer,
                                     pathSecret ? &pathSecret->pathSecret : nullptr));

  SecretBytes epoch =
      epochSecret(*suite, opened.secrets.joinerSecret.expose(), opened.pskSecret.expose(), encode(info.groupContext));
  EpochSecrets secrets = deriveEpochSecrets(*suite, epoch.expose());
  MAC tag = confirmationTag(*suite, secrets.confirmationKey.expose(), info.groupContext.confirmedTranscriptHash);
  if (!constantTimeEqual(tag, info.confirmationTag)) return fail(ErrorCode::confirmationTag);

  Group group(stateOf(std::move(info.groupContext), std::move(tree), std::move(keys), SecretBytes(signatureKey),
                      std::move(secrets)),
              options.policy);
  group.touch(group.recordKeys());
  std::erase_if(info.extensions.items, [](const Extension& e) { return e.type == ExtensionType::ratchetTree; });
  return JoinedGroup{std::move(group), info.signer, std::move(info.extensions)};
}

}  // namespace qpq::mls
