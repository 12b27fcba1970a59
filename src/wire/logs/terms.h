#pragma once

#include <cstdint>
#include <optional>
#include <tuple>
#include <variant>

#include "mls/message/tagged.h"
#include "wire/error.h"
#include "wire/logs/entry_kind.h"
#include "wire/people/device_list.h"
#include "wire/sorted.h"
#include "wire/types.h"

namespace qpq::wire {

using MessageTerms = mls::Empty<EntryKind::message>;

struct ProposalTerms {
  std::optional<RosterEntry> leaver;  // the sender, exactly with a SelfRemove

  bool operator==(const ProposalTerms&) const = default;
  static constexpr auto fields() { return std::tuple{&ProposalTerms::leaver}; }
};

struct CommitTerms {
  Claim newest;
  // Changes of the roster, each list against the roster as the one before it left it (logs/roster.h).
  Sorted<RosterEntry> removed;
  Sorted<RosterEntry> added;
  Sorted<RosterEntry> restored;
  Hash rosterAfter{};
  Sorted<DeviceList> evidence;  // for removals that rest on a revocation; one list per account

  bool operator==(const CommitTerms&) const = default;
  static constexpr auto fields() {
    return std::tuple{&CommitTerms::newest,   &CommitTerms::removed,     &CommitTerms::added,
                      &CommitTerms::restored, &CommitTerms::rosterAfter, &CommitTerms::evidence};
  }
};

// What the server must know of an entry, in clear and signed by its sender: the authenticated_data of an MLS message,
// or part of an ask.
struct Terms {
  Version version = Version::one;
  EntryId id;
  uint64_t commitsSeen = 0;  // the log's count when the sender wrote; the entry is stored only while it is true
  std::variant<MessageTerms, ProposalTerms, CommitTerms> body;

  using ByKind = mls::Select<mls::Case<EntryKind::message, MessageTerms>, mls::Case<EntryKind::proposal, ProposalTerms>,
                             mls::Case<EntryKind::commit, CommitTerms>>;
  EntryKind kind() const { return ByKind::tag(body); }
  const CommitTerms* commit() const { return std::get_if<CommitTerms>(&body); }
  // Of a proposal that is a SelfRemove; else nothing.
  std::optional<RosterEntry> leaver() const;
  bool operator==(const Terms&) const = default;

  template <class W>
  void write(W& out) const {
    qpq::write(out, version);
    qpq::write(out, kind());
    qpq::write(out, id);
    qpq::write(out, commitsSeen);
    std::visit([&](const auto& rest) { qpq::write(out, rest); }, body);
  }
  static Decoded<Terms> read(Reader& in);
};

// Where a stored entry stands, as the server tells it and the reader has counted.
struct EntryPlace {
  uint64_t seq = 0;
  EntryKind kind = EntryKind::message;
  EntryId id;
  uint64_t commitsBefore = 0;  // commits in the log before this entry

  bool operator==(const EntryPlace&) const = default;
};

// Terms that do not fit their place are the server's lie, since it compared them: an alarm, and the entry is not
// processed. otherEntryId, otherKind, otherCommitsSeen. (newest at or above its place is the sender's: judgeClaim.)
Result<void> checkPlace(const Terms& terms, const EntryPlace& place);

}  // namespace qpq::wire
