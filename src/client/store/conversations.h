#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "base/time.h"
#include "client/store/failure.h"
#include "sql/database.h"
#include "wire/logs/chain.h"
#include "wire/logs/roster.h"
#include "wire/types.h"

namespace qpq::client::store {

enum class GroupState : uint8_t {
  none = 1,  // not entered: a Welcome, or the own first commit, has still to be read
  member = 2,
  readOnly = 3,  // its policy is one this version does not know: it reads on and sends nothing
  lost = 4,      // the group's secrets are of no use any more; only being added again helps
};
constexpr bool isKnown(GroupState state) { return state >= GroupState::none && state <= GroupState::lost; }

struct Conversation {
  LogId log;
  GroupState state = GroupState::none;
  wire::ConversationKind kind = wire::ConversationKind::group;
  std::optional<AccountId> other;  // direct: of the pair, whoever is not oneself; oneself for the notes
  Bytes title;
  wire::LogPlace place;  // everything up to here is stored
  wire::Sorted<wire::RosterEntry> roster;
  bool hasRights = false;  // there is something to read, or will be
  uint64_t rightsEnd = 0;  // where the server says this device's rights end; 0: they do not
  bool ended = false;
  std::optional<Instant> mendSince;
  bool entered = false;
  uint64_t readSeq = 0;
  Instant lastActivity;

  wire::Roster wholeRoster() const { return {log, roster}; }
  // All has been read, and no commit that says so will be understood, since there is no group to understand it with. A
  // member rests on the commit that removes it, never on the server's word.
  bool isOver() const {
    bool isMember = state == GroupState::member || state == GroupState::readOnly;
    return hasRights && !isMember && rightsEnd != 0 && place.seq >= rightsEnd;
  }
};

class Conversations {
 public:
  explicit Conversations(sql::Database& database): database_(database) {}

  [[nodiscard]] Result<std::optional<Conversation>> find(const LogId& log);
  [[nodiscard]] Result<void> put(const Conversation& conversation);
  [[nodiscard]] Result<std::vector<Conversation>> all();
  [[nodiscard]] Result<std::size_t> count();

 private:
  sql::Database& database_;
};

}  // namespace qpq::client::store
