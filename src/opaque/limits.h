#pragma once

#include <cstddef>

namespace qpq::opaque {

// RFC 9497 §5.1: an input of the OPRF is smaller than 2^16 - 1 bytes; its length is hashed in two.
inline constexpr std::size_t kPasswordSizeMax = 65'534;

// RFC 9807 §4: client_identity and server_identity are <1..2^16-1>.
inline constexpr std::size_t kIdentitySizeMax = 65'535;

// RFC 9807 §6.4.2.1: the preamble gives the context a length of two bytes.
inline constexpr std::size_t kContextSizeMax = 65'535;

}  // namespace qpq::opaque
