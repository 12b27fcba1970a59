#pragma once

#include <string>
#include <string_view>

namespace qpq::server {

// As JSON writes a string (RFC 8259 §7), which logfmt's readers take, too. No control character is left.
std::string inQuotes(std::string_view text);

}  // namespace qpq::server
