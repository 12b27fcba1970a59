#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"
#include "base/secret.h"
#include "wire/types.h"

namespace qpq::wire {

inline constexpr std::size_t kInviteCodeSize = 20;      // 160 bits: nobody guesses one
inline constexpr std::size_t kInvitePrefixLetters = 5;  // of its 32

// What lets somebody register at a server that asks for it: 20 random bytes, written as 32 letters (base/paper.h). The
// server keeps its hash, and the first letters by which its operator knows it again; whoever reads both is 135 bits
// short of it.
class InviteCode {
 public:
  static InviteCode random(Random& random) { return InviteCode(random.secret<kInviteCodeSize>()); }
  // As somebody typed it; nothing if that can be no code.
  static std::optional<InviteCode> parse(ByteView text);
  // As it travels; nothing unless it has 20 bytes.
  static std::optional<InviteCode> fromBytes(ByteView bytes);

  ByteView expose() const { return code_.expose(); }
  SecretBytes text() const;
  std::string prefix() const;
  Hash hash() const;  // SHA-256("qpq 1 invite" ‖ code)

 private:
  explicit InviteCode(Secret<kInviteCodeSize> code): code_(std::move(code)) {}
  Secret<kInviteCodeSize> code_;
};

// The prefix that somebody typed, or the one of the whole code that was typed; nothing if it is too short or no letters
// of a code.
std::optional<std::string> invitePrefix(std::string_view text);

}  // namespace qpq::wire
