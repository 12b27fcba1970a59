#include "crypto/kem.h"

#include "base/try.h"
#include "crypto/dhkem.h"
#include "crypto/exact.h"
#include "crypto/hash.h"
#include "crypto/labelled.h"
#include "crypto/xwing.h"

namespace qpq::crypto {

using detail::dhGroup;
using detail::DhGroup;
using detail::exactSecret;

// A KEM is a row of the table of dhkem.cc, or else X-Wing in one of its two forms.

namespace {

constexpr std::size_t kXWingPrivateKeySize = 32;
constexpr std::size_t kXWingRandomSize = 64;  // its draft's eseed

// draft-ietf-hpke-pq: SHAKE256.LabeledDerive(ikm, "DeriveKeyPair", "", 32), with suite_id "KEM" ‖ kem_id. The X-Wing
// draft's own derivation is SHAKE256(ikm, 32).
Secret<32> xwingDeriveKey(KemId id, ByteView inputKeyMaterial) {
  constexpr std::string_view kPurpose = "DeriveKeyPair";
  Secret<32> seed;
  if (id == KemId::mlkem768X25519Unlabelled) {
    shake256({inputKeyMaterial}, seed.writable());
  } else {
    shake256({inputKeyMaterial, asBytes(detail::kHpkeVersion), asBytes("KEM"), detail::twoBytes(kemCodePoint(id)),
              detail::twoBytes(kPurpose.size()), asBytes(kPurpose), detail::twoBytes(32)},
             seed.writable());
  }
  return seed;
}

}  // namespace

std::size_t kemPrivateKeySize(KemId id) {
  const DhGroup* group = dhGroup(id);
  return group ? group->privateKeySize : kXWingPrivateKeySize;
}

std::size_t kemPublicKeySize(KemId id) {
  const DhGroup* group = dhGroup(id);
  return group ? group->publicKeySize : kXWingPublicKeySize;
}

std::size_t kemOutputSize(KemId id) {
  const DhGroup* group = dhGroup(id);
  return group ? group->publicKeySize : kXWingCiphertextSize;  // the ephemeral public key
}

std::size_t encapsulationRandomSize(KemId id) {
  const DhGroup* group = dhGroup(id);
  return group ? group->privateKeySize : kXWingRandomSize;
}

KemKeyPair deriveKemKeyPair(KemId id, ByteView inputKeyMaterial) {
  const DhGroup* group = dhGroup(id);
  SecretBytes key =
      group ? group->deriveKey(inputKeyMaterial) : SecretBytes(xwingDeriveKey(id, inputKeyMaterial).expose());
  Bytes publicKey = kemPublicKey(id, key.expose()).value();
  return {.privateKey = std::move(key), .publicKey = std::move(publicKey)};
}

KemKeyPair generateKemKeyPair(KemId id, Random& random) {
  SecretBytes inputKeyMaterial(kemPrivateKeySize(id));
  random.fill(inputKeyMaterial.writable());
  return deriveKemKeyPair(id, inputKeyMaterial.expose());
}

Result<Bytes> kemPublicKey(KemId id, ByteView privateKey) {
  if (const DhGroup* group = dhGroup(id)) return group->publicKey(privateKey);
  return xwingPublicKey(TRY(exactSecret<32>(privateKey)));
}

Result<Encapsulation> encapsulate(KemId id, ByteView publicKey, Random& random) {
  if (publicKey.size() != kemPublicKeySize(id)) return std::unexpected(CryptoError::badLength);
  if (const DhGroup* group = dhGroup(id)) {
    SecretBytes inputKeyMaterial(group->privateKeySize);
    random.fill(inputKeyMaterial.writable());
    return detail::dhkemEncapsulate(*group, publicKey, group->deriveKey(inputKeyMaterial.expose()).expose());
  }
  auto made = TRY(xwingEncapsulate(publicKey, random.secret<kXWingRandomSize>()));
  return Encapsulation{.sharedSecret = SecretBytes(made.sharedSecret.expose()),
                       .kemOutput = std::move(made.ciphertext)};
}

Result<SecretBytes> decapsulate(KemId id, ByteView privateKey, ByteView kemOutput) {
  if (const DhGroup* group = dhGroup(id)) return detail::dhkemDecapsulate(*group, privateKey, kemOutput);
  Secret<32> key = TRY(exactSecret<32>(privateKey));
  return SecretBytes(TRY(xwingDecapsulate(key, kemOutput)).expose());
}

}  // namespace qpq::crypto
