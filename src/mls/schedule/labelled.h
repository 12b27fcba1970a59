#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.h"
#include "base/codec.h"
#include "base/random.h"
#include "base/secret.h"
#include "crypto/suite.h"
#include "mls/error.h"

namespace qpq::mls {

struct HPKECiphertext;

// RFC 9420 §5.1.2, §5.1.3, §5.2, §8: every signature, encryption, reference and derivation of MLS carries a label, so
// that bytes made for one purpose mean nothing to another. Labels are given without their "MLS 1.0 " prefix, except for
// refHash, whose labels are complete.

Result<Bytes> signWithLabel(const crypto::Suite& suite, crypto::Signer signer, std::string_view label,
                            ByteView content);
// For content too large to be copied: what signWithLabel() signs, up to the content, whose bytes the caller appends.
void beginSignContent(Writer& out, std::string_view label, std::size_t contentSize);
Result<void> verifyWithLabel(const crypto::Suite& suite, ByteView publicKey, std::string_view label, ByteView content,
                             ByteView signature);

Result<HPKECiphertext> encryptWithLabel(const crypto::Suite& suite, ByteView publicKey, std::string_view label,
                                        ByteView context, ByteView plaintext, Random& random);
// What encryptWithLabel() makes of label and context, for many recipients.
Result<crypto::HpkeInfo> encryptContext(const crypto::Suite& suite, std::string_view label, ByteView context);
Result<SecretBytes> decryptWithLabel(const crypto::Suite& suite, ByteView privateKey, std::string_view label,
                                     ByteView context, const HPKECiphertext& ciphertext);

Bytes refHash(const crypto::Suite& suite, std::string_view label, ByteView value);

// length ≤ 255 · Nh: every length MLS itself asks for is far below; the exporter checks what its caller asks.
SecretBytes expandWithLabel(const crypto::Suite& suite, ByteView secret, std::string_view label, ByteView context,
                            std::size_t length);
SecretBytes deriveSecret(const crypto::Suite& suite, ByteView secret, std::string_view label);
SecretBytes deriveTreeSecret(const crypto::Suite& suite, ByteView secret, std::string_view label, uint32_t generation,
                             std::size_t length);

}  // namespace qpq::mls
