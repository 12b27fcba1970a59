#include "server/invites.h"

#include "loop/co_try.h"
#include "server/limits.h"

namespace qpq::server {

namespace {

enum class Kept : uint8_t { yes, prefixTaken, tooMany };

store::Result<Kept> keep(Write& write, const store::Invite& invite) {
  store::Invites& invites = write.tables.invites;
  if (TRY(invites.hasPrefix(invite.prefix))) return Kept::prefixTaken;
  uint64_t now = write.now.unixMs;
  TRY(invites.dropExpired({now > kInviteRememberedMs ? now - kInviteRememberedMs : 0}));
  if (TRY(invites.count()) >= kInvitesMax) return Kept::tooMany;
  TRY(invites.add(invite));
  return Kept::yes;
}

}  // namespace

store::Result<std::optional<InviteRefusal>> refusalOf(store::Tables& tables, const InviteHash& invite, Instant now) {
  if (!invite) return InviteNeeded{};
  auto found = TRY(tables.invites.find(*invite));
  if (!found) return InviteUnknown{};
  if (found->usesLeft == 0) return InviteSpent{};
  if (now >= found->until) return InviteExpired{};
  return std::nullopt;
}

Answer<InviteOutcome> Invites::make(InviteTerms terms) {
  for (;;) {
    wire::InviteCode code = wire::InviteCode::random(random_);
    store::Invite invite{code.hash(), code.prefix(), terms.uses, clock_.now() + terms.days * kDayMs};
    auto kept = CO_TRY(co_await writer_.run([invite](Write& write) { return keep(write, invite); }));
    if (kept == Kept::yes) co_return std::move(code);
    if (kept == Kept::tooMany) co_return TooManyInvites{kInvitesMax};
  }
}

Answer<std::vector<store::Invite>> Invites::list() {
  return reader_.run([](store::Tables& tables) { return tables.invites.all(); });
}

Answer<bool> Invites::revoke(std::string prefix) {
  return writer_.run([prefix = std::move(prefix)](Write& write) { return write.tables.invites.drop(prefix); });
}

}  // namespace qpq::server
