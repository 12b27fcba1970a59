#include "mls/group/successor.h"

#include <algorithm>

#include "mls/group/group.h"

namespace qpq::mls {
namespace {

// §11.2.
Result<void> checkParameters(const ReInit& reInit, const GroupContext& context) {
  bool same = reInit.version == ProtocolVersion::mls10 && reInit.groupId == context.groupId &&
              reInit.cipherSuite == context.cipherSuite && reInit.extensions == context.extensions;
  return same ? Result<void>() : fail(ErrorCode::successorParameters);
}

// Everybody of `some` stands in `all`, too.
Result<void> checkAmong(const std::vector<Member>& some, const std::vector<Member>& all, const SameClient& same) {
  for (const Member& member : some) {
    bool found = std::ranges::any_of(all, [&](const Member& m) { return same(m.credential, member.credential); });
    if (!found) return fail(ErrorCode::successorMembers, member.leaf.value);
  }
  return {};
}

// Who the new group would hold: its creator at our old place, and the others.
std::vector<Member> plannedMembers(LeafIndex self, const SuccessorOptions& options) {
  std::vector<Member> members{{self, options.credential, {}}};
  for (const VerifiedKeyPackage& other : options.others) {
    members.push_back({{}, other.leafNode().credential, other.leafNode().signatureKey});
  }
  return members;
}

GroupOptions groupOptions(Bytes groupId, Extensions extensions, SuccessorOptions& options) {
  return {.groupId = std::move(groupId),
          .credential = std::move(options.credential),
          .capabilities = std::move(options.capabilities),
          .leafExtensions = std::move(options.leafExtensions),
          .groupContextExtensions = std::move(extensions),
          .policy = std::move(options.policy),
          .groupsJoined = options.groupsJoined};
}

}  // namespace

bool sameCredential(const Credential& a, const Credential& b) { return a == b; }

Result<void> checkSuccessor(ResumptionPSKUsage usage, const GroupContext& oldContext, const RatchetTree& oldTree,
                            const ReInit* reInit, const GroupContext& context, const RatchetTree& tree,
                            const SameClient& same) {
  if (context.epoch != Epoch{1}) return fail(ErrorCode::successorEpoch);
  if (usage == ResumptionPSKUsage::reInit) {
    if (reInit == nullptr) return fail(ErrorCode::successorParameters);
    TRY(checkParameters(*reInit, context));
    return checkAmong(membersOf(oldTree), membersOf(tree), same);
  }
  if (context.cipherSuite != oldContext.cipherSuite) return fail(ErrorCode::successorParameters);
  return checkAmong(membersOf(tree), membersOf(oldTree), same);
}

std::vector<PredecessorPsk> Group::links() const {
  std::vector<PredecessorPsk> links;
  auto add = [&](ResumptionPSKUsage usage, Epoch epoch, const SecretBytes& key) {
    links.push_back({usage, {groupId(), epoch, key.expose()}});
  };
  if (state_.reInit) add(ResumptionPSKUsage::reInit, epoch(), state_.secrets.resumptionPsk);
  add(ResumptionPSKUsage::branch, epoch(), state_.secrets.resumptionPsk);
  for (const auto& [past, key] : pastResumptionPsks_) add(ResumptionPSKUsage::branch, past, key);
  return links;
}

Result<Group> Group::succeed(const crypto::Suite& suite, ResumptionPSKUsage usage, GroupOptions options,
                             const crypto::SignatureKeyPair& signer, CommitPlan plan, Random& random) const {
  Group next = TRY(create(suite, signer, std::move(options), random));
  PredecessorPsk link{usage, {groupId(), epoch(), state_.secrets.resumptionPsk.expose()}};
  TRY(next.makePending(plan, {}, {.groupId = next.groupId(), .predecessors = {&link, 1}}, random));
  return next;
}

Result<Group> Group::reinitialize(const crypto::SignatureKeyPair& signer, SuccessorOptions options,
                                  Random& random) const {
  TRY(checkMember());
  if (!state_.reInit) return fail(ErrorCode::groupNotReinitialized);
  const ReInit& reInit = *state_.reInit;
  const crypto::Suite* suite = crypto::findSuite(static_cast<uint16_t>(reInit.cipherSuite));
  if (suite == nullptr || reInit.version != ProtocolVersion::mls10) return fail(ErrorCode::unknownSuite);
  TRY(checkAmong(members(), plannedMembers(ownLeaf(), options), options.sameClient));
  CommitPlan plan{.adds = std::move(options.others)};
  GroupOptions created = groupOptions(reInit.groupId, reInit.extensions, options);
  return succeed(*suite, ResumptionPSKUsage::reInit, std::move(created), signer, std::move(plan), random);
}

Result<Group> Group::branch(Bytes groupId, Extensions groupContextExtensions, const crypto::SignatureKeyPair& signer,
                            SuccessorOptions options, Random& random) const {
  TRY(checkActive());
  TRY(checkAmong(plannedMembers(ownLeaf(), options), members(), options.sameClient));
  CommitPlan plan{.adds = std::move(options.others)};
  GroupOptions created = groupOptions(std::move(groupId), std::move(groupContextExtensions), options);
  return succeed(suite(), ResumptionPSKUsage::branch, std::move(created), signer, std::move(plan), random);
}

}  // namespace qpq::mls
