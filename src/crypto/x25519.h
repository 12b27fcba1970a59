#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

using X25519PublicKey = ByteArray<32>;

// RFC 7748.
X25519PublicKey x25519PublicKey(const Secret<32>& privateKey);
// badPublicKey when the result is all zeros (a point of low order; RFC 7748 §6.1, RFC 9180 §7.1.4).
Result<Secret<32>> x25519(const Secret<32>& privateKey, const X25519PublicKey& publicKey);

}  // namespace qpq::crypto
