#pragma once

#include "crypto/kem.h"
#include "crypto/x25519.h"

// Inside this room only: DHKEM(X25519, HKDF-SHA256), RFC 9180 §4.1. Rooms above use kem.h.
namespace qpq::crypto::detail {

Secret<32> dhkemDeriveKey(ByteView inputKeyMaterial);  // §7.1.3
Result<Encapsulation> dhkemEncapsulate(const X25519PublicKey& recipient, const Secret<32>& ephemeralKey);
Result<SecretBytes> dhkemDecapsulate(const Secret<32>& privateKey, const X25519PublicKey& ephemeral);

}  // namespace qpq::crypto::detail
