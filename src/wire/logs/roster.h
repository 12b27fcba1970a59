#pragma once

#include "wire/error.h"
#include "wire/logs/terms.h"
#include "wire/sorted.h"
#include "wire/types.h"

namespace qpq::wire {

// Whether any entry is a device of this account.
bool holdsAccount(const Sorted<RosterEntry>& entries, const AccountId& account);

// The devices of a log: a function of the log alone. Empty at 0; the terms of commits and leaves change it, in order,
// and nothing else does, so that every member always knows what the server enforces.
struct Roster {
  LogId log;
  Sorted<RosterEntry> entries;

  // The roster behind an entry with these terms. A commit takes `removed` away, adds `added`, adds `restored`, each
  // against what the one before left; a leaver goes; anything else changes nothing. A commit must come out at its own
  // rosterAfter.
  //   notOnRoster, alreadyOnRoster, rosterDiffers. From the server's view a sender who had not read on: conflict.
  //   From a reader's view the server's lie, since it compared them.
  Result<Roster> after(const Terms& terms) const;

  // SHA-256 of struct { opaque label<V> = "qpq 1 roster"; LogId log; RosterEntry entries<V>; }
  Hash hash() const;
  bool holds(const RosterEntry& entry) const { return entries.contains(entry); }
  bool operator==(const Roster&) const = default;
};

// The lists of a commit that brings `before` to the leaves its tree will have. The devices it adds (`newLeaves`; in the
// first commit also the creator's) begin anew, even where the roster holds them already; any other that is missing is
// restored.
struct RosterChange {
  Sorted<RosterEntry> removed;
  Sorted<RosterEntry> added;
  Sorted<RosterEntry> restored;

  bool operator==(const RosterChange&) const = default;
};
RosterChange changeTo(const Roster& before, const Sorted<RosterEntry>& leavesAfter,
                      const Sorted<RosterEntry>& newLeaves);

}  // namespace qpq::wire
