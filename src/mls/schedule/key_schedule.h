#pragma once

#include <cstddef>
#include <string_view>

#include "base/bytes.h"
#include "base/secret.h"
#include "crypto/kem.h"
#include "crypto/suite.h"
#include "mls/error.h"

// RFC 9420 §8: from the secrets of a commit to the secrets of the epoch it begins.
//
//   init_secret[n-1], commit_secret -> joiner_secret, psk_secret -> welcome_secret, epoch_secret -> EpochSecrets
//
// `groupContext` is the encoded GroupContext of the epoch that begins.
namespace qpq::mls {

// RFC 9420 §8, table 4. What a member keeps of an epoch; epoch_secret itself is gone once these are derived.
struct EpochSecrets {
  SecretBytes senderDataSecret;
  SecretBytes encryptionSecret;  // consumed by the secret tree (§9.2), so empty in an epoch that is in use
  SecretBytes exporterSecret;
  SecretBytes externalSecret;
  SecretBytes confirmationKey;
  SecretBytes membershipKey;
  SecretBytes resumptionPsk;
  SecretBytes epochAuthenticator;
  SecretBytes initSecret;         // of this epoch, input to the next
  SecretBytes applicationExport;  // draft-ietf-mls-extensions; consumed by the exporter tree

  EpochSecrets clone() const;
};

SecretBytes joinerSecret(const crypto::Suite& suite, ByteView initSecret, ByteView commitSecret, ByteView groupContext);
SecretBytes welcomeSecret(const crypto::Suite& suite, ByteView joinerSecret, ByteView pskSecret);
SecretBytes epochSecret(const crypto::Suite& suite, ByteView joinerSecret, ByteView pskSecret, ByteView groupContext);
EpochSecrets deriveEpochSecrets(const crypto::Suite& suite, ByteView epochSecret);

// KDF.Nh zeros: the commit_secret of a commit without path and the psk_secret of one without PSKs.
SecretBytes zeroSecret(const crypto::Suite& suite);

struct AeadKey {
  SecretBytes key;
  SecretBytes nonce;
};
AeadKey welcomeKey(const crypto::Suite& suite, ByteView welcomeSecret);  // §12.4.3.1

// §6.1: proves that its sender has come to the same epoch.
Bytes confirmationTag(const crypto::Suite& suite, ByteView confirmationKey, ByteView confirmedTranscriptHash);

// The key pair whose private half the whole group holds (§8.3).
crypto::KemKeyPair externalKeyPair(const crypto::Suite& suite, ByteView externalSecret);

// §8.5, MLS-Exporter. badLength if length > 65535 or > 255 · Nh.
Result<SecretBytes> exportSecret(const crypto::Suite& suite, ByteView exporterSecret, std::string_view label,
                                 ByteView context, std::size_t length);

}  // namespace qpq::mls
