#include "opaque/key_exchange.h"

#include <algorithm>
#include <string_view>

namespace qpq::opaque {

namespace {

void writeSized(Writer& out, ByteView value) {
  out.u16(static_cast<uint16_t>(value.size()));
  out.bytes(value);
}

// §6.4.2.1, Derive-Secret: TLS 1.3's Expand-Label with another prefix.
Key deriveSecret(const Key& secret, std::string_view label, ByteView transcriptHash) {
  constexpr std::string_view kPrefix = "OPAQUE-";
  Writer info;
  info.u16(kHashSize);
  info.u8(static_cast<uint8_t>(kPrefix.size() + label.size()));
  info.bytes(asBytes(kPrefix));
  info.bytes(asBytes(label));
  info.u8(static_cast<uint8_t>(transcriptHash.size()));
  info.bytes(transcriptHash);
  return expand<kHashSize>(secret, {info.view()});
}

}  // namespace

Result<KeyPair> deriveDiffieHellmanKeyPair(const Secret<32>& seed) {
  return deriveKeyPair(seed, "OPAQUE-DeriveDiffieHellmanKeyPair");
}

Result<Secret<96>> tripleDiffieHellman(const std::array<DiffieHellman, 3>& pairs) {
  Secret<96> all;
  auto out = all.writable().begin();
  for (const DiffieHellman& pair : pairs) {
    auto shared = crypto::multiply(pair.privateKey, pair.publicKey.bytes);
    if (!shared) return std::unexpected(Error::deserialize);
    out = std::ranges::copy(*shared, out).out;
    wipe(*shared);
  }
  return all;
}

Identities identities(const Parameters& parameters, const Element& serverPublicKey, const Element& clientPublicKey) {
  return {.server = parameters.serverIdentity.value_or(serverPublicKey.bytes),
          .client = parameters.clientIdentity.value_or(clientPublicKey.bytes)};
}

Bytes preamble(const Parameters& parameters, const Identities& identities, const Ke1& ke1, const Ke2& ke2) {
  Writer out;
  out.bytes(asBytes("OPAQUEv1-"));
  writeSized(out, parameters.context);
  writeSized(out, identities.client);
  write(out, ke1);
  writeSized(out, identities.server);
  write(out, ke2.credentialResponse);
  write(out, ke2.authResponse.serverNonce);
  write(out, ke2.authResponse.serverPublicKeyshare);
  return std::move(out).take();
}

Handshake deriveHandshake(const Secret<96>& inputKeyMaterial, ByteView preamble) {
  Key pseudoRandomKey = extract(inputKeyMaterial.expose());
  Digest transcript = sha512({preamble});
  Key handshakeSecret = deriveSecret(pseudoRandomKey, "HandshakeSecret", transcript);

  Key serverMac = mac(deriveSecret(handshakeSecret, "ServerMAC", {}), transcript);
  Digest withServerMac = sha512({preamble, serverMac.expose()});
  return {.serverMac = std::move(serverMac),
          .clientMac = mac(deriveSecret(handshakeSecret, "ClientMAC", {}), withServerMac),
          .sessionKey = deriveSecret(pseudoRandomKey, "SessionKey", transcript)};
}

}  // namespace qpq::opaque
