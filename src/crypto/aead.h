#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// RFC 9180 §7.3 code points.
enum class AeadId : uint16_t { aes128Gcm = 1, aes256Gcm = 2, chacha20Poly1305 = 3 };
inline constexpr std::array kAeadIds{AeadId::aes128Gcm, AeadId::aes256Gcm, AeadId::chacha20Poly1305};

constexpr std::size_t aeadKeySize(AeadId id) { return id == AeadId::aes128Gcm ? 16 : 32; }
inline constexpr std::size_t kAeadNonceSize = 12;
inline constexpr std::size_t kAeadTagSize = 16;
// Longest plaintext or associated data: what an MLS vector can hold (RFC 9420 §2.1.2), far below the algorithms' own
// bounds and what OpenSSL takes in one call. Larger things are sealed in pieces.
inline constexpr std::size_t kAeadInputMax = std::size_t{1} << 30;

// ciphertext ‖ tag. badLength if the key or nonce has another size than the algorithm's, or an input is above the
// bound.
Result<Bytes> aeadSeal(AeadId id, ByteView key, ByteView nonce, ByteView associatedData, ByteView plaintext);
// badTag if anything differs from what was sealed; no plaintext leaves before the tag was checked. badLength as above,
// and for a ciphertext too short to end in a tag.
Result<SecretBytes> aeadOpen(AeadId id, ByteView key, ByteView nonce, ByteView associatedData, ByteView ciphertext);

}  // namespace qpq::crypto
