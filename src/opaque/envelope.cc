#include "opaque/envelope.h"

namespace qpq::opaque {

namespace {

struct EnvelopeKeys {
  Key authKey;
  Key exportKey;
  KeyPair clientKey;
};

Result<EnvelopeKeys> deriveEnvelopeKeys(const Key& randomizedPassword, const Nonce& nonce) {
  KeyPair clientKey = TRY(deriveDiffieHellmanKeyPair(expand<32>(randomizedPassword, {nonce, asBytes("PrivateKey")})));
  return EnvelopeKeys{.authKey = expand<kHashSize>(randomizedPassword, {nonce, asBytes("AuthKey")}),
                      .exportKey = expand<kHashSize>(randomizedPassword, {nonce, asBytes("ExportKey")}),
                      .clientKey = std::move(clientKey)};
}

Key deriveMaskingKey(const Key& randomizedPassword) {
  return expand<kHashSize>(randomizedPassword, {asBytes("MaskingKey")});
}

Key authTag(const EnvelopeKeys& keys, const Nonce& nonce, const Element& serverPublicKey,
            const Parameters& parameters) {
  Identities names = identities(parameters, serverPublicKey, keys.clientKey.publicKey);
  Writer message;
  write(message, nonce);
  write(message, serverPublicKey);
  message.u16(static_cast<uint16_t>(names.server.size()));
  message.bytes(names.server);
  message.u16(static_cast<uint16_t>(names.client.size()));
  message.bytes(names.client);
  return mac(keys.authKey, message.view());
}

ByteArray<CredentialResponse::kMaskedSize> xorPad(const Key& maskingKey, const Nonce& maskingNonce, ByteView content) {
  auto pad = expand<CredentialResponse::kMaskedSize>(maskingKey, {maskingNonce, asBytes("CredentialResponsePad")});
  ByteArray<CredentialResponse::kMaskedSize> out;
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<uint8_t>(pad.expose()[i] ^ content[i]);
  return out;
}

}  // namespace

Result<StoredCredentials> store(const Key& randomizedPassword, const Element& serverPublicKey,
                                const Parameters& parameters, Random& random) {
  Nonce nonce = random.bytes<sizeof(Nonce)>();
  EnvelopeKeys keys = TRY(deriveEnvelopeKeys(randomizedPassword, nonce));
  Envelope envelope{.nonce = nonce};
  std::ranges::copy(authTag(keys, nonce, serverPublicKey, parameters).expose(), envelope.authTag.begin());
  return StoredCredentials{.record = {.clientPublicKey = keys.clientKey.publicKey,
                                      .maskingKey = deriveMaskingKey(randomizedPassword),
                                      .envelope = envelope},
                           .exportKey = std::move(keys.exportKey)};
}

ByteArray<CredentialResponse::kMaskedSize> mask(const Key& maskingKey, const Nonce& maskingNonce,
                                                const Unmasked& content) {
  return xorPad(maskingKey, maskingNonce, encode(content));
}

Unmasked unmask(const Key& maskingKey, const CredentialResponse& response) {
  return *decode<Unmasked>(xorPad(maskingKey, response.maskingNonce, response.maskedResponse));
}

Result<RecoveredCredentials> recover(const Key& randomizedPassword, const CredentialResponse& response,
                                     const Parameters& parameters) {
  auto [serverPublicKey, envelope] = unmask(deriveMaskingKey(randomizedPassword), response);
  EnvelopeKeys keys = TRY(deriveEnvelopeKeys(randomizedPassword, envelope.nonce));
  // What the tag proves is what the client itself took as an element when it registered.
  Element claimed{serverPublicKey};
  if (!constantTimeEqual(authTag(keys, envelope.nonce, claimed, parameters).expose(), envelope.authTag)) {
    return std::unexpected(Error::envelopeRecovery);
  }
  return RecoveredCredentials{
      .clientKey = std::move(keys.clientKey), .serverPublicKey = claimed, .exportKey = std::move(keys.exportKey)};
}

}  // namespace qpq::opaque
