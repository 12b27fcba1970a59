#pragma once

#include <optional>
#include <string_view>

#include "base/bytes.h"
#include "opaque/error.h"

namespace qpq::opaque {

// RFC 9807 §7, Context: keeps our handshakes apart from those of other products. Another KSF, group or layout of the
// record is another context.
inline constexpr std::string_view kContext = "qpq-opaque-v1";

// What both sides hold equal without sending it. The product uses the defaults; an identity that is not given is the
// party's public key (RFC 9807 §4).
struct Parameters {
  ByteView context = asBytes(kContext);    // at most kContextSizeMax bytes
  std::optional<ByteView> clientIdentity;  // 1 to kIdentitySizeMax bytes
  std::optional<ByteView> serverIdentity;
};

// invalidInput if a length is outside limits.h.
Result<void> check(const Parameters& parameters);

}  // namespace qpq::opaque
