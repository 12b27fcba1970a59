#pragma once

#include <cstddef>
#include <initializer_list>

#include "base/bytes.h"
#include "base/secret.h"

// RFC 9807 §2.2 and §2.3 for our one configuration: HKDF, HMAC and Hash with SHA-512.
namespace qpq::opaque {

inline constexpr std::size_t kHashSize = 64;  // Nh = Nm = Nx
using Digest = ByteArray<kHashSize>;          // of something public
using Key = Secret<kHashSize>;

Digest sha512(std::initializer_list<ByteView> parts);
Key mac(const Key& key, ByteView message);

// Extract with an empty salt, the only one the RFC uses.
Key extract(ByteView inputKeyMaterial);

// Expand with the parts of `info`, which are public, one after the other.
void expandInto(const Key& pseudoRandomKey, std::initializer_list<ByteView> info, ByteSpan out);
template <std::size_t N>
Secret<N> expand(const Key& pseudoRandomKey, std::initializer_list<ByteView> info) {
  Secret<N> out;
  expandInto(pseudoRandomKey, info, out.writable());
  return out;
}

}  // namespace qpq::opaque
