#include "crypto/dhkem.h"

#include "base/try.h"
#include "crypto/exact.h"
#include "crypto/labelled.h"

namespace qpq::crypto::detail {

namespace {

LabelledHkdf kdf() {
  constexpr auto kId = static_cast<std::size_t>(KemId::x25519HkdfSha256);
  return {.hash = HashId::sha256, .suiteId = concat({asBytes("KEM"), twoBytes(kId)})};
}

// ExtractAndExpand of §4.1.
Result<SecretBytes> extractAndExpand(const Secret<32>& dh, ByteView ephemeral, ByteView recipient) {
  LabelledHkdf labelled = kdf();
  SecretBytes pseudoRandomKey = labelled.extract({}, "eae_prk", dh.expose());
  return labelled.expand(pseudoRandomKey.expose(), "shared_secret", concat({ephemeral, recipient}), 32);
}

}  // namespace

Secret<32> dhkemDeriveKey(ByteView inputKeyMaterial) {
  LabelledHkdf labelled = kdf();
  SecretBytes pseudoRandomKey = labelled.extract({}, "dkp_prk", inputKeyMaterial);
  SecretBytes key = labelled.expand(pseudoRandomKey.expose(), "sk", {}, 32).value();
  return Secret<32>(key.expose().first<32>());
}

Result<Encapsulation> dhkemEncapsulate(const X25519PublicKey& recipient, const Secret<32>& ephemeralKey) {
  Secret<32> dh = TRY(x25519(ephemeralKey, recipient));
  X25519PublicKey ephemeral = x25519PublicKey(ephemeralKey);
  return Encapsulation{.sharedSecret = TRY(extractAndExpand(dh, ephemeral, recipient)),
                       .kemOutput = toBytes(ephemeral)};
}

Result<SecretBytes> dhkemDecapsulate(const Secret<32>& privateKey, const X25519PublicKey& ephemeral) {
  Secret<32> dh = TRY(x25519(privateKey, ephemeral));
  return extractAndExpand(dh, ephemeral, x25519PublicKey(privateKey));
}

}  // namespace qpq::crypto::detail
