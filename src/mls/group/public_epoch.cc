#include "mls/group/public_epoch.h"

#include "mls/schedule/transcript.h"

namespace qpq::mls {

AppComponent replacedByLast(ComponentId id) {
  return {id, [](const Bytes*, std::span<const Bytes> updates) { return std::optional(updates.back()); }};
}

ProvisionalEpoch provisionalEpoch(const PublicEpoch& before, RatchetTree tree, Extensions extensions) {
  GroupContext context = before.context;
  context.epoch = before.context.epoch.next();
  context.treeHash = toBytes(tree.treeHash());
  context.extensions = std::move(extensions);
  return {std::move(context), std::move(tree)};
}

PublicEpoch publicEpochAfter(const PublicEpoch& before, ProvisionalEpoch next, const AuthenticatedContent& commit) {
  const crypto::Suite& suite = before.suite();
  next.context.confirmedTranscriptHash = confirmedTranscriptHash(suite, before.interimTranscriptHash, commit);
  Bytes interim = interimTranscriptHash(suite, next.context.confirmedTranscriptHash, commit.auth.confirmationTag);
  return {std::move(next.context), std::move(next.tree), std::move(interim), std::move(next.reInit)};
}

}  // namespace qpq::mls
