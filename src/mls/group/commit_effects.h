#pragma once

#include <optional>
#include <span>
#include <vector>

#include "mls/group/proposal_list.h"
#include "mls/message/framing.h"
#include "mls/tree/ratchet_tree.h"

// What a commit does, told so that an application can judge it by its own rules before it takes effect.
namespace qpq::mls {

// Who stands at a leaf, as far as an application asks; the whole leaf is Group::leaf().
struct Member {
  LeafIndex leaf;
  Credential credential;
  SignaturePublicKey signatureKey;
  bool operator==(const Member&) const = default;
};
std::vector<Member> membersOf(const RatchetTree& tree);  // ascending by leaf

struct MemberAdded {
  LeafIndex leaf;
  LeafNode node;
  LeafIndex proposer;
  bool operator==(const MemberAdded&) const = default;
  static constexpr auto fields() { return std::tuple{&MemberAdded::leaf, &MemberAdded::node, &MemberAdded::proposer}; }
};

struct MemberRemoved {
  LeafIndex leaf;
  LeafNode node;       // as it was
  LeafIndex proposer;  // `leaf` itself if the member left (SelfRemove)
  bool operator==(const MemberRemoved&) const = default;
  static constexpr auto fields() {
    return std::tuple{&MemberRemoved::leaf, &MemberRemoved::node, &MemberRemoved::proposer};
  }
};

// By an Update proposal, or the committer by its path.
struct MemberUpdated {
  LeafIndex leaf;
  LeafNode before;
  LeafNode after;
  bool operator==(const MemberUpdated&) const = default;
  static constexpr auto fields() {
    return std::tuple{&MemberUpdated::leaf, &MemberUpdated::before, &MemberUpdated::after};
  }
};

struct ExtensionsChanged {
  Extensions before;
  Extensions after;
  LeafIndex proposer;
  bool operator==(const ExtensionsChanged&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ExtensionsChanged::before, &ExtensionsChanged::after, &ExtensionsChanged::proposer};
  }
};

// A member that was removed and added again in one commit stands in both lists; its leaf may be the same.
struct CommitEffects {
  LeafIndex committer;
  Epoch epoch;  // the one that begins
  Bytes authenticatedData;
  std::vector<MemberAdded> added;
  std::vector<MemberRemoved> removed;
  std::vector<MemberUpdated> updated;
  std::optional<ExtensionsChanged> extensions;
  PreSharedKeyIDs psks;
  bool operator==(const CommitEffects&) const = default;
  static constexpr auto fields() {
    return std::tuple{&CommitEffects::committer,  &CommitEffects::epoch,   &CommitEffects::authenticatedData,
                      &CommitEffects::added,      &CommitEffects::removed, &CommitEffects::updated,
                      &CommitEffects::extensions, &CommitEffects::psks};
  }
};

// `before` and `context` are those of the commit's epoch, `after` is the tree of the next; `added` are the leaves of
// the Adds, in their order.
CommitEffects describeCommit(LeafIndex committer, ByteView authenticatedData, const ProposalList& proposals,
                             std::span<const LeafIndex> added, const RatchetTree& before, const GroupContext& context,
                             const RatchetTree& after);

}  // namespace qpq::mls
