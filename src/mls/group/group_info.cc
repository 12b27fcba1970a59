#include "mls/group/group_info.h"

#include "mls/schedule/labelled.h"
#include "mls/tree/validate.h"

namespace qpq::mls {
namespace {

constexpr std::string_view kLabel = "GroupInfoTBS";

// §12.4.3.3: the extension ratchet_tree up to its nodes.
Bytes beforeNodes(std::size_t nodesSize) {
  Writer list;
  list.length(nodesSize);
  Writer out;
  write(out, ExtensionType::ratchetTree);
  out.length(list.view().size() + nodesSize);
  out.bytes(list.view());
  return std::move(out).take();
}

// GroupInfoTBS without the nodes of an inlined tree, which stand between the two.
struct AroundNodes {
  Writer before, behind;
};
AroundNodes aroundNodes(const EpochState& epoch, const Extensions& extensions, ByteView treeHeader,
                        std::size_t nodesSize) {
  Writer others;
  for (const Extension& extension : extensions.items) write(others, extension);
  AroundNodes around;
  write(around.before, epoch.context);
  around.before.length(others.view().size() + treeHeader.size() + nodesSize);
  around.before.bytes(others.view());
  around.before.bytes(treeHeader);
  around.behind.opaque(
      confirmationTag(epoch.suite(), epoch.secrets.confirmationKey.expose(), epoch.context.confirmedTranscriptHash));
  write(around.behind, epoch.ownLeaf());
  return around;
}

}  // namespace

Result<EncodedGroupInfo> encodeGroupInfo(const EpochState& epoch, GroupInfoOptions options) {
  constexpr std::size_t kSignatureAndLabel = 256;
  Extensions& extensions = options.extensions;
  if (options.entry == ExternalEntry::open) {
    ExternalPub key{externalKeyPair(epoch.suite(), epoch.secrets.externalSecret.expose()).publicKey};
    extensions.items.push_back({ExtensionType::externalPub, encode(key)});
  }
  const bool inlined = options.tree == TreePlace::inlined;
  bool twice = extensions.hasDuplicate() || (inlined && extensions.find(ExtensionType::ratchetTree) != nullptr);
  if (twice) return fail(ErrorCode::duplicateExtension);
  const std::size_t nodesSize = inlined ? epoch.tree.nodesSize() : 0;
  AroundNodes around = aroundNodes(epoch, extensions, inlined ? beforeNodes(nodesSize) : Bytes(), nodesSize);

  const std::size_t size = around.before.view().size() + nodesSize + around.behind.view().size();
  Writer out;
  out.reserve(size + kSignatureAndLabel);
  beginSignContent(out, kLabel, size);
  const std::size_t start = out.view().size();
  out.bytes(around.before.view());
  if (inlined) epoch.tree.writeNodes(out);
  out.bytes(around.behind.view());
  // Verified with the leaf as it stands in this epoch, so signed with the new key if a commit has brought one.
  out.opaque(TRY(epoch.signatureKey.sign(out.view())));
  return EncodedGroupInfo(std::move(out).take(), start);
}

Result<GroupInfo> makeGroupInfo(const EpochState& epoch, GroupInfoOptions options) {
  return TRY(decode<GroupInfo>(TRY(encodeGroupInfo(epoch, std::move(options))).view()));
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
  return RatchetTree::fromNodes(suite, *outOfBand);
}

Result<void> checkGroupInfo(const RatchetTree& tree, const GroupInfo& info, Executor* executor) {
  auto signer = tree.leafView(info.signer);
  if (!signer) return fail(ErrorCode::unknownSender, info.signer.value);
  TRY(verifyGroupInfo(tree.suite(), info, signer->signatureKey()));
  return validateTree(tree, info.groupContext, executor);
}

}  // namespace qpq::mls
