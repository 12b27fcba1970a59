#pragma once

#include <optional>

#include "base/bytes.h"

namespace qpq::mls {

// The public key a DER certificate is for (RFC 5280 §4.1, subjectPublicKeyInfo), as MLS writes it: the content of the
// bit string. Nothing if the bytes are no certificate. Borrowed. Whether the chain leads to somebody one trusts, and
// what its certificates may be used for, is for the application to judge: it knows the roots and the time.
std::optional<ByteView> certifiedKey(ByteView certificate);

}  // namespace qpq::mls
