#include "client/conversation/plan.h"

#include "client/conversation/members.h"
#include "client/store/stored.h"
#include "wire/inside/capabilities.h"

namespace qpq::client::conversation {

namespace {

Error changedMeanwhile() {
  return {ErrorCode::badInput, "The conversation has changed so that this cannot be done any more.", {}};
}

// Those of the guests' devices that have no leaf yet. A package that MLS refuses (spoilt, or out of date since it was
// taken) ends the wish: whoever invites has to ask for another one.
std::expected<std::vector<mls::VerifiedKeyPackage>, Error> packagesOf(const std::vector<store::Guests>& guests,
                                                                      const wire::Leaves& leaves, Instant now) {
  std::vector<mls::VerifiedKeyPackage> packages;
  for (const store::Guests& guest : guests) {
    for (const Bytes& encoded : guest.keyPackages) {
      auto decoded = decode<mls::KeyPackage>(encoded);
      auto certificate = decoded ? wire::certificateOf(decoded->leafNode) : wire::fail(wire::ErrorCode::malformed);
      if (certificate && leaves.holds(certificate->entry())) continue;
      auto verified = decoded ? mls::VerifiedKeyPackage::check(*std::move(decoded), crypto::kProductSuite, now)
                              : mls::fail(mls::ErrorCode::malformed);
      if (!certificate || !verified || (*certificate)->account != guest.account) {
        return std::unexpected(Error{ErrorCode::serverRefused,
                                     "A key package for this invitation is of no use (any more).", "Invite again."});
      }
      packages.push_back(*std::move(verified));
    }
  }
  return packages;
}

std::vector<mls::LeafIndex> leavesWhere(const mls::Group& group, auto&& matches) {
  std::vector<mls::LeafIndex> found;
  wire::Sorted<wire::RosterEntry> leaving = leavingOf(group);
  for (const mls::Member& member : group.members()) {
    auto entry = entryOf(member);
    if (entry && !leaving.contains(*entry) && matches(*entry)) found.push_back(member.leaf);
  }
  return found;
}

Plan planRemoval(std::vector<mls::LeafIndex> leaves) {
  if (leaves.empty()) return Moot{};
  mls::CommitPlan plan;
  plan.removes = std::move(leaves);
  return plan;
}

store::Result<Plan> planInvitation(Desk& desk, const store::OutboxRow& row, const mls::Group& group) {
  auto guests = TRY(store::stored<std::vector<store::Guests>>(row.body));
  auto leaves = leavesOf(group.members());
  if (!leaves) return Plan(changedMeanwhile());
  auto packages = packagesOf(guests, *leaves, desk.clock.now());
  if (!packages) return Plan(std::move(packages).error());
  if (packages->empty()) return Plan(Moot{});
  mls::CommitPlan plan;
  plan.adds = *std::move(packages);
  return Plan(std::move(plan));
}

Plan planRename(const store::OutboxRow& row, const mls::Group& group) {
  auto conversation = conversationOf(group);
  if (!conversation) return changedMeanwhile();
  if (conversation->name == row.body) return Moot{};
  conversation->name = row.body;
  mls::CommitPlan plan;
  plan.groupContextExtensions = wire::groupExtensions(*conversation);
  return plan;
}

}  // namespace

store::Result<Plan> planFor(Desk& desk, const store::OutboxRow& row, const mls::Group& group) {
  const wire::RosterEntry& self = desk.self();
  switch (row.wish) {
    case store::Wish::invite: return planInvitation(desk, row, group);
    case store::Wish::remove: {
      AccountId account = TRY(store::stored<AccountId>(row.body));
      return planRemoval(leavesWhere(group, [&](const wire::RosterEntry& leaf) { return leaf.account == account; }));
    }
    case store::Wish::removeOwnDevices:
      return planRemoval(leavesWhere(
          group, [&](const wire::RosterEntry& leaf) { return leaf.account == self.account && leaf != self; }));
    case store::Wish::rename: return planRename(row, group);
    case store::Wish::mend: return Plan(mls::CommitPlan{});
    case store::Wish::found:
    case store::Wish::leave:
    case store::Wish::message: break;
  }
  return store::fail(ErrorCode::internal, "A wish that is no commit was planned as one.");
}

store::Result<std::expected<Founded, Error>> foundGroup(Desk& desk, const store::OutboxRow& row) {
  auto founding = TRY(store::stored<store::Founding>(row.body));
  const AccountId& self = desk.self().account;
  wire::Conversation conversation = founding.kind == wire::ConversationKind::direct
                                        ? wire::newDirect(self, founding.other)
                                        : wire::newGroup(self, std::move(founding.title));
  auto packages = packagesOf(founding.guests, wire::Leaves(), desk.clock.now());
  if (!packages) return std::unexpected(std::move(packages).error());
  auto group = mls::Group::create(crypto::kProductSuite, desk.signer(),
                                  {.groupId = toBytes(row.log.view()),
                                   .credential = {mls::BasicCredential{encode(desk.own.certificate)}},
                                   .capabilities = wire::productCapabilities(),
                                   .groupContextExtensions = wire::groupExtensions(conversation)},
                                  desk.random);
  if (!group) return store::fail(ErrorCode::internal, "A group could not be made.");
  mls::CommitPlan plan;
  plan.adds = *std::move(packages);
  return Founded{*std::move(group), std::move(plan)};
}

}  // namespace qpq::client::conversation
