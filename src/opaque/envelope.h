#pragma once

#include "base/bytes.h"
#include "base/random.h"
#include "base/secret.h"
#include "opaque/key_exchange.h"
#include "opaque/messages.h"
#include "opaque/parameters.h"

// RFC 9807 §4.1: from a stretched password to the client's keys, and the tag that ties them to one server key.
namespace qpq::opaque {

// §4.1.2, Store. One nonce is drawn.
struct StoredCredentials {
  RegistrationRecord record;
  Key exportKey;
};
Result<StoredCredentials> store(const Key& randomizedPassword, const Element& serverPublicKey,
                                const Parameters& parameters, Random& random);

// §6.3.2.2, §6.3.2.3: server public key ‖ envelope under a pad of the masking key, which is its own inverse.
struct Unmasked {
  ByteArray<32> serverPublicKey{};  // not known to be an element until the envelope's tag was checked
  Envelope envelope;

  static constexpr auto fields() { return std::tuple{&Unmasked::serverPublicKey, &Unmasked::envelope}; }
};
ByteArray<CredentialResponse::kMaskedSize> mask(const Key& maskingKey, const Nonce& maskingNonce,
                                                const Unmasked& content);
Unmasked unmask(const Key& maskingKey, const CredentialResponse& response);

// §6.3.2.3 and §4.1.3, Recover. envelopeRecovery if the tag does not fit.
struct RecoveredCredentials {
  KeyPair clientKey;
  Element serverPublicKey;
  Key exportKey;  // not to be used before the server was authenticated (§6)
};
Result<RecoveredCredentials> recover(const Key& randomizedPassword, const CredentialResponse& response,
                                     const Parameters& parameters);

}  // namespace qpq::opaque
