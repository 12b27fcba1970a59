#include <algorithm>

#include "mls/group/group.h"
#include "mls/tree/treekem.h"

namespace qpq::mls {
namespace {

Result<LeafIndex> leafOf(const RatchetTree& tree, const LeafNode& mine) {
  const Bytes encoded = encode(mine);
  Result<LeafIndex> found = fail(ErrorCode::ownLeafMissing);
  tree.forEachLeaf([&](LeafIndex index, LeafView leaf) {
    if (equal(leaf.encoded(), encoded)) found = index;
  });
  return found;
}

Result<crypto::SigningKey> signerOf(const crypto::Suite& suite, ByteView privateKey, const LeafNode& leaf) {
  auto key = crypto::SigningKey::from(suite.signature, privateKey);
  if (!key || key->publicKey() != leaf.signatureKey) return fail(ErrorCode::privateKeyMismatch);
  return *std::move(key);
}

// §12.4.3.1, the last step: a Welcome that links to another group comes from that group.
Result<void> checkLink(const PreSharedKeyIDs& psks, const JoinOptions& options, const GroupInfo& info,
                       const RatchetTree& tree) {
  for (const PreSharedKeyID& id : psks) {
    const auto* link = id.psk.as<ResumptionPSK>();
    if (link == nullptr || link->usage == ResumptionPSKUsage::application) continue;
    const Group& before = *options.predecessor;  // whose key opened the Welcome
    TRY(checkSuccessor(link->usage, before.context(), before.tree(), before.reInit(), info.groupContext, tree,
                       options.sameClient));
  }
  return {};
}

}  // namespace

Result<JoinedGroup> Group::join(const Welcome& welcome, const KeyPackage& keyPackage,
                                const KeyPackagePrivateKeys& privateKeys, ByteView signatureKey, JoinOptions options) {
  const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(welcome.cipherSuite), options.suites);
  if (suite == nullptr) return fail(ErrorCode::unknownSuite);
  crypto::SigningKey signer = TRY(signerOf(*suite, signatureKey, keyPackage.leafNode));
  auto links = options.predecessor != nullptr ? options.predecessor->links() : std::vector<PredecessorPsk>();
  PskSource psks{.external = options.psks, .resumption = options.resumptionPsks, .predecessors = links};
  OpenedWelcome opened = TRY(openWelcome(*suite, welcome, keyPackage, privateKeys.initKey.expose(), psks));
  GroupInfo& info = opened.groupInfo;
  if (std::ranges::contains(options.groupsJoined, info.groupContext.groupId)) return fail(ErrorCode::groupExists);

  RatchetTree tree = TRY(treeOf(*suite, info, std::move(options.ratchetTree)));
  LeafIndex self = TRY(leafOf(tree, keyPackage.leafNode));
  if (info.signer == self) return fail(ErrorCode::unknownSender, self.value);  // a newcomer welcomes nobody
  TRY(checkGroupInfo(tree, info, options.executor));
  TRY(checkLink(opened.secrets.psks, options, info, tree));
  const auto& pathSecret = opened.secrets.pathSecret;
  TreeKeys keys = TRY(keysOfNewcomer(tree, self, privateKeys.leafKey.clone(), info.signer,
                                     pathSecret ? &pathSecret->pathSecret : nullptr));

  SecretBytes epoch =
      epochSecret(*suite, opened.secrets.joinerSecret.expose(), opened.pskSecret.expose(), encode(info.groupContext));
  EpochSecrets secrets = deriveEpochSecrets(*suite, epoch.expose());
  MAC tag = confirmationTag(*suite, secrets.confirmationKey.expose(), info.groupContext.confirmedTranscriptHash);
  if (!constantTimeEqual(tag, info.confirmationTag)) return fail(ErrorCode::confirmationTag);

  Group group(
      stateOf(std::move(info.groupContext), std::move(tree), std::move(keys), std::move(signer), std::move(secrets)),
      options.policy);
  group.touch(group.recordKeys());
  std::erase_if(info.extensions.items, [](const Extension& e) { return e.type == ExtensionType::ratchetTree; });
  return JoinedGroup{std::move(group), info.signer, std::move(info.extensions)};
}

}  // namespace qpq::mls
