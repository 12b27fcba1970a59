#include "opaque/kdf.h"

#include <algorithm>

#include "crypto/hash.h"
#include "crypto/hkdf.h"

namespace qpq::opaque {

namespace {

constexpr crypto::HashId kHash = crypto::HashId::sha512;
static_assert(crypto::hashSize(kHash) == kHashSize);

}  // namespace

Digest sha512(std::initializer_list<ByteView> parts) {
  Digest digest;
  crypto::hashInto(kHash, parts, digest);
  return digest;
}

Key mac(const Key& key, ByteView message) {
  Key tag;
  crypto::hmac(kHash, key.expose(), {message}, tag.writable());
  return tag;
}

Key extract(ByteView inputKeyMaterial) {
  SecretBytes key = crypto::hkdfExtract(kHash, {}, inputKeyMaterial);
  return Key(key.expose().first<kHashSize>());
}

void expandInto(const Key& pseudoRandomKey, std::initializer_list<ByteView> info, ByteSpan out) {
  // No length here comes near HKDF's bound, so a refusal would be our own mistake: value access asserts.
  SecretBytes okm = *crypto::hkdfExpand(kHash, pseudoRandomKey.expose(), concat(info), out.size());
  std::ranges::copy(okm.expose(), out.begin());
}

}  // namespace qpq::opaque
