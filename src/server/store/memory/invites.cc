#include "base/try.h"
#include "server/store/memory/nouns.h"

namespace qpq::server::store::memory {

Result<void> Invites::add(const Invite& invite) {
  TRY(data_.mayWrite());
  bool isThere = data_.invites.find(invite.hash) != nullptr || data_.invitePrefixes.find(invite.prefix) != nullptr;
  if (isThere) return failed("an invite of this hash or prefix is there");
  data_.invites.put(invite.hash, invite);
  data_.invitePrefixes.put(invite.prefix, invite.hash);
  return {};
}

Result<std::optional<Invite>> Invites::find(const wire::Hash& hash) {
  const Invite* invite = data_.invites.find(hash);
  return invite != nullptr ? std::optional(*invite) : std::nullopt;
}

Result<bool> Invites::hasPrefix(std::string_view prefix) {
  return data_.invitePrefixes.find(std::string(prefix)) != nullptr;
}

Result<void> Invites::use(const wire::Hash& hash) {
  TRY(data_.mayWrite());
  const Invite* invite = data_.invites.find(hash);
  if (invite == nullptr) return {};
  if (invite->usesLeft == 0) return failed("an invite has no use left");
  Invite used = *invite;
  --used.usesLeft;
  data_.invites.put(hash, used);
  return {};
}

Result<std::vector<Invite>> Invites::all() {
  std::vector<Invite> invites;
  for (const auto& [prefix, hash] : data_.invitePrefixes.rows()) invites.push_back(*data_.invites.find(hash));
  return invites;
}

Result<uint64_t> Invites::count() { return data_.invites.rows().size(); }

Result<bool> Invites::drop(std::string_view prefix) {
  TRY(data_.mayWrite());
  const wire::Hash* found = data_.invitePrefixes.find(std::string(prefix));
  if (found == nullptr) return false;
  data_.invites.erase(wire::Hash(*found));
  data_.invitePrefixes.erase(std::string(prefix));
  return true;
}

Result<void> Invites::dropExpired(Instant by) {
  for (const Invite& invite : TRY(all())) {
    if (invite.until <= by) TRY(drop(invite.prefix));
  }
  return {};
}

}  // namespace qpq::server::store::memory
