#pragma once

#include <cstdint>
#include <optional>
#include <tuple>

#include "base/bytes.h"
#include "wire/error.h"
#include "wire/limits.h"
#include "wire/sorted.h"
#include "wire/types.h"

namespace qpq::wire {

enum class Role : uint8_t { member = 1, admin = 2, owner = 3 };
constexpr bool isKnown(Role role) { return role >= Role::member && role <= Role::owner; }

struct Grant {
  AccountId account;
  Role role = Role::member;

  bool operator==(const Grant&) const = default;
  static constexpr auto fields() { return std::tuple{&Grant::account, &Grant::role}; }
};
inline const AccountId& sortKey(const Grant& grant) { return grant.account; }

// The log this conversation goes on from, and the newest of it its creator knew.
struct Predecessor {
  LogId log;
  Claim last;

  bool operator==(const Predecessor&) const = default;
  static constexpr auto fields() { return std::tuple{&Predecessor::log, &Predecessor::last}; }
};

// Which set of rules judges the commits of a group (policy.h).
enum class PolicyVersion : uint16_t { one = 1 };
constexpr bool isKnown(PolicyVersion version) { return version == PolicyVersion::one; }

// What a group is for and who may do what in it: GroupContext extension 0xF0C1, changed by GroupContextExtensions.
struct Conversation {
  PolicyVersion policyVersion = PolicyVersion::one;
  ConversationKind kind = ConversationKind::group;
  Sorted<AccountId, 2> pair;        // direct: both accounts, or the one of a self-group; group: empty
  Sorted<Grant, kGrantsMax> roles;  // who is more than a member; direct: owner each
  Bytes name;                       // UTF-8, at most kConversationNameSizeMax bytes
  std::optional<Predecessor> predecessor;

  Role roleOf(const AccountId& account) const;
  bool operator==(const Conversation&) const = default;
  static constexpr auto fields() {
    return std::tuple{&Conversation::policyVersion, &Conversation::kind, &Conversation::pair,
                      &Conversation::roles,         &Conversation::name, &Conversation::predecessor};
  }
};

// The conversation of a group just created, with its creator as owner; of a direct log, with both.
Conversation newGroup(const AccountId& creator, Bytes name);
Conversation newDirect(const AccountId& a, const AccountId& b);

// The content of 0xF0C1. unknownPolicy before anything behind policyVersion is looked at: a later policy may look
// different; conversationPair, conversationRoles, conversationName; whatever decode() refuses.
Result<Conversation> parseConversation(ByteView data);

}  // namespace qpq::wire
