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
// An encoded GroupInfo, in the buffer in which it was signed: with the ratchet tree inside it can be megabytes, and is
// written once.
class EncodedGroupInfo {
 public:
  ByteView view() const { return ByteView(buffer_).subspan(start_); }

 private:
  friend Result<EncodedGroupInfo> encodeGroupInfo(const EpochState& epoch, GroupInfoOptions options);
  EncodedGroupInfo(Bytes buffer, std::size_t start): buffer_(std::move(buffer)), start_(start) {}
  Bytes buffer_;
  std::size_t start_;
};
// Signed with the key of the epoch's own leaf. duplicateExtension, also for what is ours to add.
Result<EncodedGroupInfo> encodeGroupInfo(const EpochState& epoch, GroupInfoOptions options);
Result<GroupInfo> makeGroupInfo(const EpochState& epoch, GroupInfoOptions options);  // the same, decoded

// groupInfoSignature.
Result<void> verifyGroupInfo(const crypto::Suite& suite, const GroupInfo& groupInfo, ByteView publicKey);

// For whoever enters or observes: the tree from the GroupInfo, or `outOfBand`, whole and valid, and the signature of
// the GroupInfo by a member of it. treeEmpty if there is no tree, unknownSender (leaf index), groupInfoSignature and
// the codes of RatchetTree::fromNodes() and validateTree().
Result<RatchetTree> treeOf(const crypto::Suite& suite, const GroupInfo& info,
                           std::optional<RatchetTreeNodes> outOfBand);
Result<void> checkGroupInfo(const RatchetTree& tree, const GroupInfo& info, Executor* executor = nullptr);

}  // namespace qpq::mls
