#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "server/outcomes.h"
#include "server/reader.h"
#include "server/store/invites.h"
#include "server/writer.h"
#include "wire/people/invite_code.h"

namespace qpq::server {

// Why a code lets nobody in. Whoever is told "spent" or "expired" holds a code that was made here: no guess gets so
// far.
struct InviteNeeded {};
struct InviteUnknown {};
struct InviteSpent {};
struct InviteExpired {};
using InviteRefusal = std::variant<InviteNeeded, InviteUnknown, InviteSpent, InviteExpired>;

// Of the code somebody came with, if he had one: the code itself goes no further than the call that brings it.
using InviteHash = std::optional<wire::Hash>;
// Nothing: it is good for one more account.
[[nodiscard]] store::Result<std::optional<InviteRefusal>> refusalOf(store::Tables& tables, const InviteHash& invite,
                                                                    Instant now);

struct InviteTerms {
  uint32_t uses;
  uint32_t days;
};
struct TooManyInvites {
  std::size_t limit;
};
using InviteOutcome = std::variant<wire::InviteCode, TooManyInvites>;

// The codes of an operator who lets in only whom he invites.
class Invites {
 public:
  Invites(StoreWriter& writer, StoreReader& reader, const Clock& clock, Random& random)
      : writer_(writer), reader_(reader), clock_(clock), random_(random) {}

  // The code is told once: the store has only its hash.
  Answer<InviteOutcome> make(InviteTerms terms);
  Answer<std::vector<store::Invite>> list();
  // Whether there was one of this prefix (wire::invitePrefix).
  Answer<bool> revoke(std::string prefix);

 private:
  StoreWriter& writer_;
  StoreReader& reader_;
  const Clock& clock_;
  Random& random_;
};

}  // namespace qpq::server
