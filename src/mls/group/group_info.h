#pragma once

#include "mls/error.h"
#include "mls/group/epoch_state.h"
#include "mls/message/group_info.h"

// RFC 9420 §12.4.3: what a newcomer is told of an epoch.
namespace qpq::mls {

// §12.4.3.3: where newcomers find the ratchet tree.
enum class TreePlace { inlined, outOfBand };
// §12.4.3.2: external_pub lets whoever has the GroupInfo enter by an external commit.
enum class ExternalEntry { closed, open };

struct GroupInfoOptions {
  Extensions extensions;
  TreePlace tree = TreePlace::outOfBand;
  ExternalEntry entry = ExternalEntry::closed;
};
// Signed with the key of the epoch's own leaf. duplicateExtension, also for what is ours to add.
Result<GroupInfo> makeGroupInfo(const EpochState& epoch, GroupInfoOptions options);

Result<GroupInfo> signGroupInfo(const crypto::Suite& suite, GroupInfo groupInfo, crypto::Signer signer);
// groupInfoSignature.
Result<void> verifyGroupInfo(const crypto::Suite& suite, const GroupInfo& groupInfo, ByteView publicKey);

// For whoever enters or observes: the tree from the GroupInfo, or `outOfBand`, whole and valid, and the signature of
// the GroupInfo by a member of it. treeEmpty if there is no tree, unknownSender (leaf index), groupInfoSignature and
// the codes of RatchetTree::fromNodes() and validateTree().
Result<RatchetTree> treeOf(const crypto::Suite& suite, const GroupInfo& info,
                           std::optional<RatchetTreeNodes> outOfBand);
Result<void> checkGroupInfo(const RatchetTree& tree, const GroupInfo& info, Executor* executor = nullptr);

}  // namespace qpq::mls
