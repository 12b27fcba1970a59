#include "wire/inside/policy.h"

#include <algorithm>
#include <set>

#include "wire/logs/roster.h"
#include "wire/people/device_list.h"

namespace qpq::wire {

namespace {

bool isAllowed(mls::ProposalType type) {
  switch (type) {
    case mls::ProposalType::add:
    case mls::ProposalType::remove:
    case mls::ProposalType::groupContextExtensions:
    case mls::ProposalType::selfRemove: return true;
    // Update is not on the wire. PSK, ReInit and ExternalInit belong to ways of starting over and coming back that this
    // product does not have.
    default: return false;
  }
}

Result<void> checkForm(const EpochState& before, const Sorted<RosterEntry>& leaving, const CommitChange& change) {
  auto hasLeaf = [&](const RosterEntry& device) { return before.leaves.holds(device); };
  if (!hasLeaf(change.committer)) return fail(ErrorCode::unknownLeaf);
  auto strange = std::ranges::find_if_not(change.proposals, isAllowed);
  if (strange != change.proposals.end()) {
    return fail(ErrorCode::proposalNotAllowed, static_cast<std::size_t>(strange - change.proposals.begin()));
  }
  if (change.changesOtherExtensions) return fail(ErrorCode::extensionsNotAllowed);
  if (!std::ranges::includes(change.left, leaving)) return fail(ErrorCode::selfRemoveNotCovered);
  if (!std::ranges::all_of(change.left, hasLeaf) || !std::ranges::all_of(change.removed, hasLeaf)) {
    return fail(ErrorCode::unknownLeaf);
  }
  if (change.left.contains(change.committer) || change.removed.contains(change.committer)) {
    return fail(ErrorCode::committerLeaves);
  }
  return {};
}

// A leaf may go and come back in one commit, but not under another account key: whoever re-adds a device could
// otherwise become its account.
Result<void> checkKeysStay(const Leaves& before, const CommitChange& change) {
  for (std::size_t i = 0; i < change.added.size(); ++i) {
    const VerifiedCertificate* known = before.anyOf(change.added[i]->account);
    if (known != nullptr && (*known)->accountKey != change.added[i]->accountKey) {
      return fail(ErrorCode::accountKeysDiffer, i);
    }
  }
  if (change.committerLeaf) TRY(checkLeafChange(*before.find(change.committer), *change.committerLeaf));
  return {};
}

Result<Leaves> leavesAfter(const EpochState& before, const CommitChange& change) {
  TRY(checkKeysStay(before.leaves, change));
  std::vector<VerifiedCertificate> leaves = before.leaves.certificates();
  std::erase_if(leaves, [&](const VerifiedCertificate& leaf) {
    return change.removed.contains(leaf.entry()) || change.left.contains(leaf.entry());
  });
  if (change.committerLeaf) {
    std::ranges::replace_if(
        leaves, [&](const VerifiedCertificate& leaf) { return leaf.entry() == change.committer; },
        *change.committerLeaf);
  }
  leaves.insert(leaves.end(), change.added.begin(), change.added.end());
  auto after = TRY(Leaves::check(leaves));
  TRY(checkPair(before.conversation, after));
  return after;
}

// Those of the removed devices that a list in the evidence names revoked, which has to verify under the account key of
// the leaf. A list that does not verify proves nothing. Each is verified once, and only if it can matter.
std::set<RosterEntry> provenRevoked(const Leaves& leaves, const Sorted<RosterEntry>& removed,
                                    const Sorted<DeviceList>& evidence) {
  std::set<RosterEntry> revoked;
  for (const DeviceList& list : evidence) {
    const AccountId& account = list.tbs.account;
    const VerifiedCertificate* leaf = leaves.anyOf(account);
    if (!holdsAccount(removed, account) || (*leaf)->accountKey != list.tbs.accountKey) continue;
    auto verified = VerifiedDeviceList::check(list);
    if (!verified) continue;
    for (const ListedDevice& listed : list.tbs.devices) {
      if (listed.state == DeviceState::revoked) revoked.insert({account, listed.device});
    }
  }
  return revoked;
}

Sorted<RosterEntry> entriesOf(const std::vector<VerifiedCertificate>& leaves) {
  std::vector<RosterEntry> entries;
  entries.reserve(leaves.size());
  for (const VerifiedCertificate& leaf : leaves) entries.push_back(leaf.entry());
  return entries;
}

Result<void> checkAdds(const EpochState& before, const CommitChange& change) {
  if (before.conversation.roleOf(change.committer.account) != Role::member) return {};
  for (std::size_t i = 0; i < change.added.size(); ++i) {
    if (!before.leaves.holdsAccount(change.added[i]->account)) return fail(ErrorCode::addNotAllowed, i);
  }
  return {};
}

Result<void> checkRemoves(const EpochState& before, const CommitChange& change, const Sorted<DeviceList>& evidence) {
  Role own = before.conversation.roleOf(change.committer.account);
  auto revoked = provenRevoked(before.leaves, change.removed, evidence);
  auto added = entriesOf(change.added);
  for (std::size_t i = 0; i < change.removed.size(); ++i) {
    const RosterEntry& device = change.removed[i];
    if (device.account == change.committer.account || revoked.contains(device) || added.contains(device)) continue;
    if (own == Role::member) return fail(ErrorCode::removeNotAllowed, i);
    // An admin who could remove owners could make a group his own.
    if (own != Role::owner && before.conversation.roleOf(device.account) == Role::owner) {
      return fail(ErrorCode::removesOwner, i);
    }
  }
  return {};
}

// What cannot be parsed because its policy is a later one is the owner's decision to move on; an earlier one is none.
Result<std::optional<Conversation>> parseAfter(ByteView data) {
  auto parsed = parseConversation(data);
  if (parsed) return *std::move(parsed);
  if (parsed.error().code != ErrorCode::unknownPolicy) return std::unexpected(parsed.error());
  if (TRY(Reader(data).u16()) < static_cast<uint16_t>(PolicyVersion::one)) return fail(ErrorCode::conversationFixed);
  return std::nullopt;
}

Result<std::optional<Conversation>> conversationAfter(const EpochState& before, const CommitChange& change,
                                                      const Leaves& leaves) {
  const Conversation& old = before.conversation;
  if (!change.conversation) return old;
  if (old.roleOf(change.committer.account) != Role::owner) return fail(ErrorCode::conversationNotAllowed);
  std::optional<Conversation> after = TRY(parseAfter(*change.conversation));
  if (!after) return after;
  if (after->kind != old.kind || after->pair != old.pair || after->predecessor != old.predecessor) {
    return fail(ErrorCode::conversationFixed);
  }
  bool hasOwner = std::ranges::any_of(after->roles, [&](const Grant& grant) {
    return grant.role == Role::owner && leaves.holdsAccount(grant.account);
  });
  if (!hasOwner) return fail(ErrorCode::noOwner);
  return after;
}

Result<void> checkTerms(const EpochState& before, const CommitChange& change, const Leaves& after, const Terms& terms,
                        const CommitTerms& commit) {
  auto added = entriesOf(change.added);
  // The roster is empty before the first commit, so that one adds its creator, too.
  if (terms.commitsSeen == 0) added.set(change.committer);
  if (commit.added != added) return fail(ErrorCode::addedNotNewLeaves);
  if (commit.rosterAfter != Roster{before.log, after.entries()}.hash()) return fail(ErrorCode::rosterNotLeaves);
  return {};
}

}  // namespace

Result<NextEpoch> judge(const EpochState& before, const Sorted<RosterEntry>& leaving, const CommitChange& change,
                        const Terms& terms) {
  const CommitTerms* commit = terms.commit();
  if (commit == nullptr) return fail(ErrorCode::kindDiffers);
  TRY(checkForm(before, leaving, change));
  Leaves leaves = TRY(leavesAfter(before, change));
  TRY(checkAdds(before, change));
  TRY(checkRemoves(before, change, commit->evidence));
  auto conversation = TRY(conversationAfter(before, change, leaves));
  TRY(checkTerms(before, change, leaves, terms, *commit));
  return NextEpoch{.conversation = std::move(conversation), .leaves = std::move(leaves)};
}

Result<void> checkPair(const Conversation& conversation, const Leaves& leaves) {
  if (conversation.kind == ConversationKind::group) return {};
  bool allOfPair = std::ranges::all_of(
      leaves.entries(), [&](const RosterEntry& leaf) { return conversation.pair.contains(leaf.account); });
  if (!allOfPair) return fail(ErrorCode::accountNotOfPair);
  return {};
}

Result<void> checkAsk(const VerifiedAsk& ask, const Leaves& leaves) {
  const VerifiedCertificate* known = leaves.anyOf(ask.certificate()->account);
  if (known == nullptr) return fail(ErrorCode::unknownLeaf);
  if ((*known)->accountKey != ask.certificate()->accountKey) return fail(ErrorCode::accountKeysDiffer);
  return {};
}

Result<void> checkLeave(const Terms& terms, const RosterEntry& sender) {
  if (terms.leaver() != sender) return fail(ErrorCode::leaverDiffers);
  return {};
}

}  // namespace qpq::wire
