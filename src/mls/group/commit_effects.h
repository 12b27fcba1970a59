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
  Sender proposer;  // the newcomer itself if it joined by an external commit or proposed to be added
  bool operator==(const MemberAdded&) const = default;
  static constexpr auto fields() { return std::tuple{&MemberAdded::leaf, &MemberAdded::node, &MemberAdded::proposer}; }
};

struct MemberRemoved {
  LeafIndex leaf;
  LeafNode node;    // as it was
  Sender proposer;  // the member itself if it left (SelfRemove)
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
  Sender proposer;  // the first of them, if several changed a part
  bool operator==(const ExtensionsChanged&) const = default;
  static constexpr auto fields() {
    return std::tuple{&ExtensionsChanged::before, &ExtensionsChanged::after, &ExtensionsChanged::proposer};
  }
};

// A proposal that is the application's to carry out: of a custom type, or AppEphemeral.
struct CustomCommitted {
  Proposal proposal;
  Sender proposer;
  bool operator==(const CustomCommitted&) const = default;
  static constexpr auto fields() { return std::tuple{&CustomCommitted::proposal, &CustomCommitted::proposer}; }
};

enum class CommitKind : uint8_t {
  member = 1,
  external = 2,  // the committer entered by it (RFC 9420 §12.4.3.2) and stands among the added
};
constexpr bool isKnown(CommitKind v) { return v == CommitKind::member || v == CommitKind::external; }

// A member that was removed and added again in one commit stands in both lists; its leaf may be the same.
struct CommitEffects {
  CommitKind kind = CommitKind::member;
  LeafIndex committer;  // of an external commit: its leaf in the epoch that begins
  Epoch epoch;          // the one that begins
  Bytes authenticatedData;
  std::vector<MemberAdded> added;
  std::vector<MemberRemoved> removed;
  std::vector<MemberUpdated> updated;
  std::optional<ExtensionsChanged> extensions;
  PreSharedKeyIDs psks;
  std::optional<ReInit> reInit;  // the group is over: its successor is this (RFC 9420 §11.2)
  std::vector<CustomCommitted> custom;
  bool operator==(const CommitEffects&) const = default;
  static constexpr auto fields() {
    return std::tuple{
        &CommitEffects::kind,  &CommitEffects::committer, &CommitEffects::epoch,   &CommitEffects::authenticatedData,
        &CommitEffects::added, &CommitEffects::removed,   &CommitEffects::updated, &CommitEffects::extensions,
        &CommitEffects::psks,  &CommitEffects::reInit,    &CommitEffects::custom};
  }
};

// The commit as it was framed; `applied` is what its proposals come to in the epoch `before`, `after` the tree of the
// next. `committer` is its author's leaf there.
CommitEffects describeCommit(const FramedContent& commit, LeafIndex committer, const ProposalList& proposals,
                             const AppliedProposals& applied, const PublicEpoch& before, const RatchetTree& after);

}  // namespace qpq::mls
