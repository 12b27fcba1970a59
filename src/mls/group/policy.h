#pragma once

#include <vector>

#include "mls/framing/padding.h"
#include "mls/message/types.h"
#include "mls/schedule/secret_tree.h"

// What the application decides once for a group, as data: it is kept with the group's state. What is not said here is
// refused, and what weakens a group is off unless it is asked for.
namespace qpq::mls {

// In which wire format commits and proposals of members are taken. In clear they show the server who is in the group.
enum class IncomingHandshakes : uint8_t { privateOnly = 1, publicToo = 2 };
constexpr bool isKnown(IncomingHandshakes v) {
  return v == IncomingHandshakes::privateOnly || v == IncomingHandshakes::publicToo;
}

// RFC 9420 §12.4.3.2. Whoever holds a GroupInfo and a credential gets in; with resync, whoever holds a member's
// signature key takes its place by one message.
enum class ExternalCommits : uint8_t { none = 1, join = 2, joinAndResync = 3 };
constexpr bool isKnown(ExternalCommits v) { return v >= ExternalCommits::none && v <= ExternalCommits::joinAndResync; }

// RFC 9420 §12.1.8: proposals of the senders the GroupContext lists, and Adds of those who want to be members.
enum class OutsideProposals : uint8_t { none = 1, listedSenders = 2, newMembersToo = 3 };
constexpr bool isKnown(OutsideProposals v) {
  return v >= OutsideProposals::none && v <= OutsideProposals::newMembersToo;
}

// RFC 9420 §11.2: whether a commit may end the group.
enum class ReInits : uint8_t { none = 1, allowed = 2 };
constexpr bool isKnown(ReInits v) { return v == ReInits::none || v == ReInits::allowed; }

// RFC 9420 §12.4, column "Path Required" of the registry of proposal types.
enum class PathRule : uint8_t { optional = 1, required = 2 };
constexpr bool isKnown(PathRule v) { return v == PathRule::optional || v == PathRule::required; }

// A proposal type of the application's own (§13.2). Every member lists it in its capabilities; what it does is told in
// CommitEffects::custom.
struct CustomProposal {
  ProposalType type{};
  PathRule path = PathRule::required;
  bool operator==(const CustomProposal&) const = default;
  static constexpr auto fields() { return std::tuple{&CustomProposal::type, &CustomProposal::path}; }
};

struct GroupPolicy {
  RatchetWindow window;
  Padding padding = Padding::padme;
  IncomingHandshakes handshakes = IncomingHandshakes::privateOnly;
  ExternalCommits externalCommits = ExternalCommits::none;
  OutsideProposals outsideProposals = OutsideProposals::none;
  ReInits reInits = ReInits::none;
  std::vector<CustomProposal> customProposals;

  bool operator==(const GroupPolicy&) const = default;
  static constexpr auto fields() {
    return std::tuple{&GroupPolicy::window,          &GroupPolicy::padding,          &GroupPolicy::handshakes,
                      &GroupPolicy::externalCommits, &GroupPolicy::outsideProposals, &GroupPolicy::reInits,
                      &GroupPolicy::customProposals};
  }
  const CustomProposal* find(ProposalType type) const;  // nullptr: not taken
};

}  // namespace qpq::mls
