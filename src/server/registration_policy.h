#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace qpq::server {

// Who may make an account: anyone, whoever has a code of the operator's (invites.h), nobody.
enum class Registration : uint8_t { open, invite, closed };
inline constexpr std::array<std::string_view, 3> kRegistrations{"open", "invite", "closed"};

}  // namespace qpq::server
