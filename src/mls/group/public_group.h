#pragma once

#include <optional>
#include <span>
#include <variant>
#include <vector>

#include "mls/group/commit_effects.h"
#include "mls/record.h"

namespace qpq::mls {

struct ObserverOptions {
  GroupPolicy policy;                                // what its handshakes are judged by: the members' own
  std::optional<RatchetTreeNodes> ratchetTree = {};  // where the GroupInfo does not carry it
};

// A group seen from outside: it follows the handshakes that travel in clear and judges them by the very functions its
// members use, without a secret. What only members can see stays unseen: membership and confirmation tags, and whether
// the path secrets are what they should be. So a message it refuses, members refuse; the other way round is no promise.
class PublicGroup {
 public:
  // Begins at the epoch of a GroupInfo: unknownSuite and the codes of checkGroupInfo(). Whether the GroupInfo is the
  // newest is the caller's to know.
  static Result<PublicGroup> observe(const GroupInfo& groupInfo, ObserverOptions options);

  const crypto::Suite& suite() const { return epoch_.suite(); }
  const Bytes& groupId() const { return epoch_.context.groupId; }
  Epoch epoch() const { return epoch_.context.epoch; }
  const GroupContext& context() const { return epoch_.context; }
  const RatchetTree& tree() const { return epoch_.tree; }
  const GroupPolicy& policy() const { return policy_; }
  std::vector<Member> members() const { return membersOf(epoch_.tree); }
  const ReInit* reInit() const { return epoch_.reInit ? &*epoch_.reInit : nullptr; }
  std::vector<const StoredProposal*> proposals() const { return proposals_.received(); }  // borrowed

  class StagedProposal {
   public:
    const StoredProposal& proposal() const { return proposal_; }

   private:
    friend class PublicGroup;
    StagedProposal(StoredProposal proposal, Bytes transcript)
        : proposal_(std::move(proposal)), transcript_(std::move(transcript)) {}
    StoredProposal proposal_;
    Bytes transcript_;
  };
  class StagedCommit {
   public:
    const CommitEffects& effects() const { return effects_; }
    std::vector<Member> members() const { return membersOf(next_.tree); }

   private:
    friend class PublicGroup;
    StagedCommit(CommitEffects effects, PublicEpoch next, Bytes transcript)
        : effects_(std::move(effects)), next_(std::move(next)), transcript_(std::move(transcript)) {}
    CommitEffects effects_;
    PublicEpoch next_;
    Bytes transcript_;
  };
  using Received = std::variant<StagedProposal, StagedCommit>;

  // As Group::receive(), of PublicMessages only: wrongWireFormat for anything else. Changes nothing.
  Result<Received> receive(ByteView message, std::span<const AppComponent> components = {}) const;
  // staleTransition if the epoch has changed since the transition was staged.
  Result<void> apply(StagedProposal proposal);
  Result<CommitEffects> apply(StagedCommit commit);

  std::vector<Record> save() const;  // by ascending key
  static Result<PublicGroup> load(std::span<const Record> records);

 private:
  PublicGroup(PublicEpoch epoch, GroupPolicy policy): epoch_(std::move(epoch)), policy_(std::move(policy)) {}

  PublicEpoch epoch_;
  GroupPolicy policy_;
  ProposalStore proposals_;
};

}  // namespace qpq::mls
