#include "client/conversation/members.h"

#include <set>

#include "wire/inside/capabilities.h"

namespace qpq::client::conversation {

namespace {

wire::Result<wire::VerifiedCertificate> certificateOf(const mls::Member& member) {
  mls::LeafNode leaf;
  leaf.signatureKey = member.signatureKey;
  leaf.credential = member.credential;
  return wire::certificateOf(leaf);
}

std::set<AccountId> accountsOf(const wire::Leaves& leaves) {
  std::set<AccountId> accounts;
  for (const wire::RosterEntry& entry : leaves.entries()) accounts.insert(entry.account);
  return accounts;
}

}  // namespace

wire::Result<wire::Leaves> leavesOf(const std::vector<mls::Member>& members) {
  std::vector<wire::VerifiedCertificate> certificates;
  certificates.reserve(members.size());
  for (const mls::Member& member : members) certificates.push_back(TRY(certificateOf(member)));
  return wire::Leaves::check(certificates);
}

wire::Result<wire::RosterEntry> entryOf(const mls::Member& member) { return TRY(certificateOf(member)).entry(); }

wire::Result<wire::Conversation> conversationOf(const mls::Group& group) {
  const mls::Extension* extension = group.extensions().find(wire::kConversationExtension);
  if (extension == nullptr) return wire::fail(wire::ErrorCode::extensionsNotAllowed);
  return wire::parseConversation(extension->data);
}

wire::Result<wire::EpochState> epochOf(const LogId& log, const mls::Group& group) {
  return wire::EpochState{
      .log = log, .conversation = TRY(conversationOf(group)), .leaves = TRY(leavesOf(group.members()))};
}

wire::Sorted<wire::RosterEntry> leavingOf(const mls::Group& group) {
  wire::Sorted<wire::RosterEntry> leaving;
  for (const mls::StoredProposal* proposal : group.proposals()) {
    auto leaf = group.leaf(proposal->sender);
    if (proposal->proposal.as<mls::SelfRemove>() == nullptr || !leaf) continue;
    auto certificate = wire::certificateOf(*leaf);
    if (certificate) leaving.set(certificate->entry());
  }
  return leaving;
}

wire::Result<wire::CommitChange> changeOf(const mls::Group& before, const mls::CommitEffects& effects) {
  auto committer = before.leaf(effects.committer);
  if (!committer) return wire::fail(wire::ErrorCode::unknownLeaf);
  wire::CommitChange change{.committer = TRY(wire::certificateOf(*committer)).entry()};
  for (const mls::MemberUpdated& updated : effects.updated) {
    if (updated.leaf != effects.committer) return wire::fail(wire::ErrorCode::proposalNotAllowed);
    change.committerLeaf = TRY(wire::certificateOf(updated.after));
  }
  for (const mls::MemberAdded& added : effects.added) {
    change.proposals.push_back(mls::ProposalType::add);
    change.added.push_back(TRY(wire::certificateOf(added.node)));
  }
  for (const mls::MemberRemoved& removed : effects.removed) {
    bool left = removed.proposer == removed.leaf;
    change.proposals.push_back(left ? mls::ProposalType::selfRemove : mls::ProposalType::remove);
    (left ? change.left : change.removed).set(TRY(wire::certificateOf(removed.node)).entry());
  }
  for (std::size_t i = 0; i < effects.psks.size(); ++i) change.proposals.push_back(mls::ProposalType::psk);
  if (effects.extensions) {
    change.proposals.push_back(mls::ProposalType::groupContextExtensions);
    auto compared = wire::compareExtensions(effects.extensions->before, effects.extensions->after);
    change.conversation = std::move(compared.conversation);
    change.changesOtherExtensions = compared.others;
  }
  return change;
}

AccountChange accountChange(const wire::Leaves& before, const wire::Leaves& after) {
  AccountChange change;
  for (const AccountId& account : accountsOf(after)) {
    if (!before.holdsAccount(account)) change.added.push_back(account);
  }
  for (const AccountId& account : accountsOf(before)) {
    if (!after.holdsAccount(account)) change.removed.push_back(account);
  }
  return change;
}

}  // namespace qpq::client::conversation
