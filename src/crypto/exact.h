#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

// Inside this room only: bytes of run-time length as the fixed size an algorithm has.
namespace qpq::crypto::detail {

template <std::size_t N>
Result<Secret<N>> exactSecret(ByteView bytes) {
  if (bytes.size() != N) return std::unexpected(CryptoError::badLength);
  return Secret<N>(bytes.first<N>());
}

template <std::size_t N>
Result<ByteArray<N>> exactArray(ByteView bytes) {
  if (bytes.size() != N) return std::unexpected(CryptoError::badLength);
  ByteArray<N> array;
  std::ranges::copy(bytes, array.begin());
  return array;
}

}  // namespace qpq::crypto::detail
