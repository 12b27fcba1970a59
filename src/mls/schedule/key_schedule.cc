#include "mls/schedule/key_schedule.h"

#include "crypto/hkdf.h"
#include "mls/schedule/labelled.h"

namespace qpq::mls {
namespace {

// The secret between joiner_secret and epoch_secret, which the RFC's diagram leaves without a name.
SecretBytes memberSecret(const crypto::Suite& suite, ByteView joinerSecret, ByteView pskSecret) {
  return crypto::hkdfExtract(suite.hash, joinerSecret, pskSecret);
}

}  // namespace

EpochSecrets EpochSecrets::clone() const {
  return {.senderDataSecret = senderDataSecret.clone(),
          .encryptionSecret = encryptionSecret.clone(),
          .exporterSecret = exporterSecret.clone(),
          .externalSecret = externalSecret.clone(),
          .confirmationKey = confirmationKey.clone(),
          .membershipKey = membershipKey.clone(),
          .resumptionPsk = resumptionPsk.clone(),
          .epochAuthenticator = epochAuthenticator.clone(),
          .initSecret = initSecret.clone(),
          .applicationExport = applicationExport.clone()};
}

SecretBytes joinerSecret(const crypto::Suite& suite, ByteView initSecret, ByteView commitSecret,
                         ByteView groupContext) {
  SecretBytes extracted = crypto::hkdfExtract(suite.hash, initSecret, commitSecret);
  return expandWithLabel(suite, extracted.expose(), "joiner", groupContext, crypto::hashSize(suite.hash));
}

SecretBytes welcomeSecret(const crypto::Suite& suite, ByteView joinerSecret, ByteView pskSecret) {
  return deriveSecret(suite, memberSecret(suite, joinerSecret, pskSecret).expose(), "welcome");
}

SecretBytes epochSecret(const crypto::Suite& suite, ByteView joinerSecret, ByteView pskSecret, ByteView groupContext) {
  return expandWithLabel(suite, memberSecret(suite, joinerSecret, pskSecret).expose(), "epoch", groupContext,
                         crypto::hashSize(suite.hash));
}

EpochSecrets deriveEpochSecrets(const crypto::Suite& suite, ByteView epochSecret) {
  auto derive = [&](std::string_view label) { return deriveSecret(suite, epochSecret, label); };
  return {.senderDataSecret = derive("sender data"),
          .encryptionSecret = derive("encryption"),
          .exporterSecret = derive("exporter"),
          .externalSecret = derive("external"),
          .confirmationKey = derive("confirm"),
          .membershipKey = derive("membership"),
          .resumptionPsk = derive("resumption"),
          .epochAuthenticator = derive("authentication"),
          .initSecret = derive("init"),
          .applicationExport = derive("application_export")};
}

SecretBytes zeroSecret(const crypto::Suite& suite) { return SecretBytes(crypto::hashSize(suite.hash)); }

AeadKey welcomeKey(const crypto::Suite& suite, ByteView welcomeSecret) {
  return {expandWithLabel(suite, welcomeSecret, "key", {}, crypto::aeadKeySize(suite.aead)),
          expandWithLabel(suite, welcomeSecret, "nonce", {}, crypto::kAeadNonceSize)};
}

Bytes confirmationTag(const crypto::Suite& suite, ByteView confirmationKey, ByteView confirmedTranscriptHash) {
  Bytes tag(crypto::hashSize(suite.hash));
  crypto::hmac(suite.hash, confirmationKey, {confirmedTranscriptHash}, tag);
  return tag;
}

crypto::KemKeyPair externalKeyPair(const crypto::Suite& suite, ByteView externalSecret) {
  return crypto::deriveKemKeyPair(suite.kem, externalSecret);
}

Result<SecretBytes> exportSecret(const crypto::Suite& suite, ByteView exporterSecret, std::string_view label,
                                 ByteView context, std::size_t length) {
  std::size_t hashSize = crypto::hashSize(suite.hash);
  if (length > 0xffff || length > 255 * hashSize) return std::unexpected(crypto::CryptoError::badLength);
  SecretBytes derived = deriveSecret(suite, exporterSecret, label);
  return expandWithLabel(suite, derived.expose(), "exported", crypto::hash(suite.hash, context), length);
}

}  // namespace qpq::mls
