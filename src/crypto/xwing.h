#pragma once

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/error.h"

namespace qpq::crypto {

// X-Wing (draft-connolly-cfrg-xwing-kem): ML-KEM-768 and X25519 in one KEM that holds while either holds. Deterministic
// throughout. Rooms above use it as KemId::mlkem768X25519 of kem.h.
inline constexpr std::size_t kXWingPublicKeySize = 1216;   // ML-KEM-768 key ‖ X25519 key
inline constexpr std::size_t kXWingCiphertextSize = 1120;  // ML-KEM-768 ciphertext ‖ X25519 ephemeral key

struct XWingEncapsulation {
  Secret<32> sharedSecret;
  Bytes ciphertext;
};

// The 32-byte seed is the private key (§5.2).
Bytes xwingPublicKey(const Secret<32>& seed);
// §5.4.1 EncapsulateDerand: `randomness` is ML-KEM's m ‖ the X25519 ephemeral scalar. badLength, or badPublicKey when
// either half is not a key.
Result<XWingEncapsulation> xwingEncapsulate(ByteView publicKey, const Secret<64>& randomness);
// §5.5. A wrong ciphertext of the right length gives another secret, except that an X25519 point of low order is
// refused as badPublicKey, which the draft leaves open.
Result<Secret<32>> xwingDecapsulate(const Secret<32>& seed, ByteView ciphertext);

}  // namespace qpq::crypto
