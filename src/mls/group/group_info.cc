#include "mls/group/group_info.h"

#include "mls/schedule/labelled.h"
#include "mls/tree/validate.h"

namespace qpq::mls {
namespace {

constexpr std::string_view kLabel = "GroupInfoTBS";

// The ratchet tree can be nearly all of it: known beforehand, it is copied once.
std::size_t encodedSizeOf(const GroupInfo& info) {
  constexpr std::size_t kRest = 1'024;
  std::size_t size = kRest;
  for (const Extension& extension : info.extensions.items) size += extension.data.size();
  return size;
}

void append(Extensions& extensions, ExtensionType type, Bytes data) {
  extensions.items.push_back({type, std::move(data)});
}

}  // namespace

Result<GroupInfo> makeGroupInfo(const EpochState& epoch, GroupInfoOptions options) {
  const crypto::Suite& suite = epoch.suite();
  Extensions& extensions = options.extensions;
  if (options.tree == TreePlace::inlined) append(extensions, ExtensionType::ratchetTree, epoch.tree.encodedNodes());
  if (options.entry == ExternalEntry::open) {
    ExternalPub key{externalKeyPair(suite, epoch.secrets.externalSecret.expose()).publicKey};
    append(extensions, ExtensionType::externalPub, encode(key));
  }
  if (extensions.hasDuplicate()) return fail(ErrorCode::duplicateExtension);
  MAC tag = confirmationTag(suite, epoch.secrets.confirmationKey.expose(), epoch.context.confirmedTranscriptHash);
  GroupInfo info{.groupContext = epoch.context,
                 .extensions = std::move(extensions),
                 .confirmationTag = std::move(tag),
                 .signer = epoch.ownLeaf()};
  // Verified with the leaf as it stands in this epoch, so signed with the new key if a commit has brought one.
  return signGroupInfo(suite, std::move(info), epoch.signatureKey);
}

Result<GroupInfo> signGroupInfo(const crypto::Suite& suite, GroupInfo groupInfo, crypto::Signer signer) {
  Writer tbs;
  tbs.reserve(encodedSizeOf(groupInfo));
  write(tbs, GroupInfoTBS{groupInfo});
  groupInfo.signature = TRY(signWithLabel(suite, signer, kLabel, tbs.view()));
  return groupInfo;
}

Result<void> verifyGroupInfo(const crypto::Suite& suite, const GroupInfo& groupInfo, ByteView publicKey) {
  Bytes tbs = encode(GroupInfoTBS{groupInfo});
  if (!verifyWithLabel(suite, publicKey, kLabel, tbs, groupInfo.signature)) return fail(ErrorCode::groupInfoSignature);
  return {};
}

Result<RatchetTree> treeOf(const crypto::Suite& suite, const GroupInfo& info,
                           std::optional<RatchetTreeNodes> outOfBand) {
  if (const Extension* inlined = info.extensions.find(ExtensionType::ratchetTree)) {
    return RatchetTree::fromNodes(suite, TRY(decode<RatchetTreeNodes>(inlined->data)));
  }
  if (!outOfBand) return fail(ErrorCode::treeEmpty);
  return RatchetTree::fromNodes(suite, *std::move(outOfBand));
}

Result<void> checkGroupInfo(const RatchetTree& tree, const GroupInfo& info, Executor* executor) {
  const LeafNode* signer = tree.leaf(info.signer);
  if (signer == nullptr) return fail(ErrorCode::unknownSender, info.signer.value);
  TRY(verifyGroupInfo(tree.suite(), info, signer->signatureKey));
  return validateTree(tree, info.groupContext, executor);
}

}  // namespace qpq::mls
