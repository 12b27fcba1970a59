#include "opaque/server_setup.h"

#include <algorithm>

namespace qpq::opaque {

namespace {

// What is expanded from the seed: the identifier, which callers choose, then a label. No label is the end of another,
// so no identifier makes two of these equal.
template <std::size_t N>
Secret<N> fromSeed(const ServerSetup& setup, ByteView identifier, std::string_view label) {
  return expand<N>(setup.oprfSeed, {identifier, asBytes(label)});
}

}  // namespace

ServerSetup ServerSetup::generate(Random& random) {
  Key oprfSeed = random.secret<kHashSize>();
  Scalar privateKey = crypto::randomScalar(random);
  Element publicKey{crypto::multiplyBase(privateKey)};
  return {.oprfSeed = std::move(oprfSeed), .staticKey = {std::move(privateKey), publicKey}};
}

Result<Scalar> oprfKey(const ServerSetup& setup, ByteView credentialIdentifier) {
  return TRY(deriveKeyPair(fromSeed<32>(setup, credentialIdentifier, "OprfKey"), "OPAQUE-DeriveKeyPair")).privateKey;
}

Result<RegistrationRecord> fakeRecord(const ServerSetup& setup, ByteView credentialIdentifier) {
  KeyPair client = TRY(deriveDiffieHellmanKeyPair(fromSeed<32>(setup, credentialIdentifier, "qpq 1 fake client key")));
  return RegistrationRecord{.clientPublicKey = client.publicKey,
                            .maskingKey = fromSeed<kHashSize>(setup, credentialIdentifier, "qpq 1 fake masking key"),
                            .envelope = {}};
}

ByteArray<16> identifierForUnknown(const ServerSetup& setup, ByteView name) {
  ByteArray<16> identifier;
  expandInto(setup.oprfSeed, {name, asBytes("qpq 1 unknown name")}, identifier);
  return identifier;
}

}  // namespace qpq::opaque

namespace qpq {

using opaque::ServerSetup;

void Codec<ServerSetup>::write(SecretWriter& out, const ServerSetup& setup) {
  out.bytes(setup.oprfSeed.expose());
  out.bytes(setup.staticKey.privateKey.expose());
}

Decoded<ServerSetup> Codec<ServerSetup>::read(Reader& in) {
  ServerSetup setup;
  std::ranges::copy(TRY(in.bytes(opaque::kHashSize)), setup.oprfSeed.writable().begin());
  Reader before = in;
  auto privateKey = crypto::parseScalar(TRY(in.bytes(32)));
  if (!privateKey) return before.fail(DecodeError::Code::invalid);
  setup.staticKey = {std::move(*privateKey), {}};
  setup.staticKey.publicKey.bytes = crypto::multiplyBase(setup.staticKey.privateKey);
  return setup;
}

}  // namespace qpq
