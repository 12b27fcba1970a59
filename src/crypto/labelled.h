#pragma once

#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"
#include "crypto/hash.h"

// Inside this room only: RFC 9180 §4, LabeledExtract and LabeledExpand.
namespace qpq::crypto::detail {

struct LabelledHkdf {
  HashId hash;
  Bytes suiteId;  // "KEM" ‖ kem_id, or "HPKE" ‖ kem_id ‖ kdf_id ‖ aead_id

  // The input key material may come in two parts.
  SecretBytes extract(ByteView salt, std::string_view label, ByteView inputKeyMaterial, ByteView rest = {}) const;
  // badLength above 255 · hashSize(hash).
  Result<SecretBytes> expand(ByteView pseudoRandomKey, std::string_view label, ByteView info, std::size_t length) const;
};

inline constexpr std::string_view kHpkeVersion = "HPKE-v1";

// I2OSP(value, 2).
constexpr ByteArray<2> twoBytes(std::size_t value) {
  return {static_cast<uint8_t>(value >> 8), static_cast<uint8_t>(value)};
}

}  // namespace qpq::crypto::detail
