#include "wire/people/invite_code.h"

#include "base/paper.h"
#include "crypto/hash.h"

namespace qpq::wire {

std::optional<InviteCode> InviteCode::parse(ByteView text) {
  auto bytes = fromPaper(text);
  if (!bytes) return std::nullopt;
  return fromBytes(bytes->expose());
}

std::optional<InviteCode> InviteCode::fromBytes(ByteView bytes) {
  if (bytes.size() != kInviteCodeSize) return std::nullopt;
  return InviteCode(Secret<kInviteCodeSize>(bytes.first<kInviteCodeSize>()));
}

SecretBytes InviteCode::text() const { return toPaper(code_.expose()); }

std::string InviteCode::prefix() const { return std::string(asText(text().expose().first(kInvitePrefixLetters))); }

Hash InviteCode::hash() const { return crypto::sha256({asBytes("qpq 1 invite"), code_.expose()}); }

std::optional<std::string> invitePrefix(std::string_view text) {
  if (text.size() < kInvitePrefixLetters) return std::nullopt;
  std::string prefix;
  for (char typed : text.substr(0, kInvitePrefixLetters)) {
    auto letter = paperLetter(typed);
    if (!letter) return std::nullopt;
    prefix += *letter;
  }
  return prefix;
}

}  // namespace qpq::wire
