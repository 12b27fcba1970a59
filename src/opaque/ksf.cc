#include "opaque/ksf.h"

namespace qpq::opaque {

Result<Argon2id> Argon2id::make(const crypto::Argon2Cost& cost, const Policy& policy) {
  if (!cost.covers(policy.costMin) || !crypto::kArgon2CostMax.covers(cost)) {
    return std::unexpected(Error::costRefused);
  }
  return Argon2id(cost);
}

Result<Key> Argon2id::stretch(const Key& oprfOutput) const {
  constexpr ByteArray<16> kSalt{};
  auto stretched = crypto::argon2id(oprfOutput.expose(), kSalt, cost_, kHashSize);
  if (!stretched) {
    return std::unexpected(stretched.error() == crypto::CryptoError::exhausted ? Error::exhausted : Error::costRefused);
  }
  return Key(stretched->expose().first<kHashSize>());
}

}  // namespace qpq::opaque
