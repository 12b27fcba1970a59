#include "crypto/dhkem.h"

#include "base/try.h"
#include "crypto/curve448.h"
#include "crypto/exact.h"
#include "crypto/labelled.h"
#include "crypto/libraries.h"
#include "crypto/nist_curve.h"
#include "crypto/x25519.h"

namespace qpq::crypto::detail {

namespace {

LabelledHkdf kdf(KemId id, HashId hash) {
  return {.hash = hash, .suiteId = concat({asBytes("KEM"), twoBytes(kemCodePoint(id))})};
}

// §7.1.3 for X25519 and X448, where any string of the right length is a key.
template <KemId id, HashId hash, std::size_t size>
SecretBytes deriveMontgomeryKey(ByteView inputKeyMaterial) {
  LabelledHkdf labelled = kdf(id, hash);
  SecretBytes pseudoRandomKey = labelled.extract({}, "dkp_prk", inputKeyMaterial);
  return labelled.expand(pseudoRandomKey.expose(), "sk", {}, size).value();
}

// §7.1.3 for the NIST curves: the first of up to 256 candidates that is a scalar of the curve.
template <KemId id, HashId hash, CurveId curve>
SecretBytes deriveCurveKey(ByteView inputKeyMaterial) {
  constexpr uint8_t kTopByteMask = curve == CurveId::p521 ? 0x01 : 0xff;
  LabelledHkdf labelled = kdf(id, hash);
  SecretBytes pseudoRandomKey = labelled.extract({}, "dkp_prk", inputKeyMaterial);
  for (unsigned counter = 0; counter < 256; ++counter) {
    auto number = static_cast<uint8_t>(counter);
    SecretBytes candidate =
        labelled.expand(pseudoRandomKey.expose(), "candidate", ByteView(&number, 1), curveFieldSize(curve)).value();
    candidate.writable()[0] &= kTopByteMask;
    if (checkCurvePrivateKey(curve, candidate.expose())) return candidate;
  }
  stop("DeriveKeyPairError: 256 candidates, and each fails for less than one input in four thousand million");
}

Result<Bytes> x25519Public(ByteView privateKey) { return toBytes(x25519PublicKey(TRY(exactSecret<32>(privateKey)))); }

Result<SecretBytes> x25519Shared(ByteView privateKey, ByteView publicKey) {
  return SecretBytes(TRY(x25519(TRY(exactSecret<32>(privateKey)), TRY(exactArray<32>(publicKey)))).expose());
}

template <KemId id, HashId hash, CurveId curve>
constexpr DhGroup nistGroup() {
  return {.kem = id,
          .hash = hash,
          .privateKeySize = curveFieldSize(curve),
          .publicKeySize = curvePublicKeySize(curve),
          .deriveKey = deriveCurveKey<id, hash, curve>,
          .publicKey = [](ByteView privateKey) { return curvePublicKey(curve, privateKey); },
          .sharedPoint = [](ByteView privateKey, ByteView publicKey) { return curveDh(curve, privateKey, publicKey); }};
}

constexpr std::array kGroups{
    DhGroup{.kem = KemId::x25519HkdfSha256,
            .hash = HashId::sha256,
            .privateKeySize = 32,
            .publicKeySize = 32,
            .deriveKey = deriveMontgomeryKey<KemId::x25519HkdfSha256, HashId::sha256, 32>,
            .publicKey = x25519Public,
            .sharedPoint = x25519Shared},
    nistGroup<KemId::p256HkdfSha256, HashId::sha256, CurveId::p256>(),
    nistGroup<KemId::p384HkdfSha384, HashId::sha384, CurveId::p384>(),
    nistGroup<KemId::p521HkdfSha512, HashId::sha512, CurveId::p521>(),
    DhGroup{.kem = KemId::x448HkdfSha512,
            .hash = HashId::sha512,
            .privateKeySize = kX448KeySize,
            .publicKeySize = kX448KeySize,
            .deriveKey = deriveMontgomeryKey<KemId::x448HkdfSha512, HashId::sha512, kX448KeySize>,
            .publicKey = x448PublicKey,
            .sharedPoint = x448},
};

// ExtractAndExpand of §4.1, to Nsecret bytes, which is the hash's length for every group.
Result<SecretBytes> extractAndExpand(const DhGroup& group, const SecretBytes& dh, ByteView ephemeral,
                                     ByteView recipient) {
  LabelledHkdf labelled = kdf(group.kem, group.hash);
  SecretBytes pseudoRandomKey = labelled.extract({}, "eae_prk", dh.expose());
  return labelled.expand(pseudoRandomKey.expose(), "shared_secret", concat({ephemeral, recipient}),
                         hashSize(group.hash));
}

}  // namespace

const DhGroup* dhGroup(KemId id) {
  for (const DhGroup& group : kGroups) {
    if (group.kem == id) return &group;
  }
  return nullptr;
}

Result<Encapsulation> dhkemEncapsulate(const DhGroup& group, ByteView recipient, ByteView ephemeralKey) {
  SecretBytes dh = TRY(group.sharedPoint(ephemeralKey, recipient));
  Bytes ephemeral = TRY(group.publicKey(ephemeralKey));
  SecretBytes shared = TRY(extractAndExpand(group, dh, ephemeral, recipient));
  return Encapsulation{.sharedSecret = std::move(shared), .kemOutput = std::move(ephemeral)};
}

Result<SecretBytes> dhkemDecapsulate(const DhGroup& group, ByteView privateKey, ByteView ephemeral) {
  SecretBytes dh = TRY(group.sharedPoint(privateKey, ephemeral));
  return extractAndExpand(group, dh, ephemeral, TRY(group.publicKey(privateKey)));
}

}  // namespace qpq::crypto::detail
