#include "crypto/kem.h"

#include "base/try.h"
#include "crypto/dhkem.h"
#include "crypto/exact.h"
#include "crypto/labelled.h"
#include "crypto/xwing.h"

namespace qpq::crypto {

using detail::exactArray;
using detail::exactSecret;

namespace {

constexpr std::size_t kX25519Size = 32;

Bytes publicKeyOf(KemId id, const Secret<32>& privateKey) {
  if (id == KemId::mlkem768X25519) return xwingPublicKey(privateKey);
  return toBytes(x25519PublicKey(privateKey));
}

// draft-ietf-hpke-pq: SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32), with suite_id "KEM" ‖ kem_id. The X-Wing
// draft's own derivation has no labels and gives other keys.
Secret<32> xwingDeriveKey(ByteView inputKeyMaterial) {
  constexpr std::string_view kPurpose = "DeriveKeyPair";
  Secret<32> seed;
  shake256({inputKeyMaterial, asBytes(detail::kHpkeVersion), asBytes("KEM"),
            detail::twoBytes(static_cast<std::size_t>(KemId::mlkem768X25519)), detail::twoBytes(kPurpose.size()),
            asBytes(kPurpose), detail::twoBytes(32)},
           seed.writable());
  return seed;
}

}  // namespace

std::size_t kemPublicKeySize(KemId id) { return id == KemId::mlkem768X25519 ? kXWingPublicKeySize : kX25519Size; }

std::size_t kemOutputSize(KemId id) { return id == KemId::mlkem768X25519 ? kXWingCiphertextSize : kX25519Size; }

KemKeyPair deriveKemKeyPair(KemId id, ByteView inputKeyMaterial) {
  Secret<32> key =
      id == KemId::mlkem768X25519 ? xwingDeriveKey(inputKeyMaterial) : detail::dhkemDeriveKey(inputKeyMaterial);
  return {.privateKey = SecretBytes(key.expose()), .publicKey = publicKeyOf(id, key)};
}

KemKeyPair generateKemKeyPair(KemId id, Random& random) { return deriveKemKeyPair(id, random.secret<32>().expose()); }

Result<Bytes> kemPublicKey(KemId id, ByteView privateKey) { return publicKeyOf(id, TRY(exactSecret<32>(privateKey))); }

Result<Encapsulation> encapsulate(KemId id, ByteView publicKey, Random& random) {
  if (publicKey.size() != kemPublicKeySize(id)) return std::unexpected(CryptoError::badLength);
  if (id == KemId::mlkem768X25519) {
    auto made = TRY(xwingEncapsulate(publicKey, random.secret<64>()));
    return Encapsulation{.sharedSecret = SecretBytes(made.sharedSecret.expose()),
                         .kemOutput = std::move(made.ciphertext)};
  }
  auto recipient = TRY(exactArray<32>(publicKey));
  return detail::dhkemEncapsulate(recipient, detail::dhkemDeriveKey(random.secret<32>().expose()));
}

Result<SecretBytes> decapsulate(KemId id, ByteView privateKey, ByteView kemOutput) {
  Secret<32> key = TRY(exactSecret<32>(privateKey));
  if (id == KemId::mlkem768X25519) return SecretBytes(TRY(xwingDecapsulate(key, kemOutput)).expose());
  return detail::dhkemDecapsulate(key, TRY(exactArray<32>(kemOutput)));
}

}  // namespace qpq::crypto
