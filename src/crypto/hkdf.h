#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"
#include "crypto/hash.h"

namespace qpq::crypto {

// RFC 2104. `out` has hashSize(id) bytes, and may be the key itself.
void hmac(HashId id, ByteView key, std::initializer_list<ByteView> parts, ByteSpan out);
SecretBytes hmac(HashId id, ByteView key, std::initializer_list<ByteView> parts);

// RFC 5869 with HMAC over `id`.
SecretBytes hkdfExtract(HashId id, ByteView salt, ByteView inputKeyMaterial);
// length ≤ 255 · hashSize(id), else badLength.
Result<SecretBytes> hkdfExpand(HashId id, ByteView pseudoRandomKey, ByteView info, std::size_t length);

}  // namespace qpq::crypto
