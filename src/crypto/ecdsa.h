#pragma once

#include "base/bytes.h"
#include "crypto/error.h"
#include "crypto/nist_curve.h"

namespace qpq::crypto {

// ECDSA (FIPS 186-5) with the hash TLS pairs with each curve: SHA-256 for P-256, SHA-384 for P-384, SHA-512 for P-521.
// Keys as in nist_curve.h; a signature is the DER encoding of { r, s } (RFC 9420 §5.1.2, RFC 8446 §4.2.3).
//
// The nonce is a function of key and message (RFC 6979): a machine without good randomness cannot give its key away.
Result<Bytes> ecdsaSign(CurveId id, ByteView privateKey, ByteView message);

// badPublicKey or badLength for what is no key, else badSignature. Only the one DER encoding of a pair is taken. Of the
// two values s and n - s both are: the RFCs ask for no other, and other implementations sign with either.
Result<void> ecdsaVerify(CurveId id, ByteView publicKey, ByteView message, ByteView signature);

}  // namespace qpq::crypto
