#include "quic/world_test.h"

namespace qpq::quic::test {

const SelfSigned& serverFiles() {
  static const SelfSigned files = [] {
    SeededRandom random(7);
    return makeSelfSigned(random, kNow);
  }();
  return files;
}

const TlsIdentity& serverIdentity() {
  static const TlsIdentity identity =
      TlsIdentity::load(serverFiles().certificatePem, serverFiles().keyPem.expose()).value();
  return identity;
}

PeerVerifier knowsServer() { return ExpectedKey{serverIdentity().keyHash()}; }

std::string readAll(World& world, kj::AsyncInputStream& stream) { return world.wait(stream.readAllText()).cStr(); }

void writeText(World& world, kj::AsyncOutputStream& stream, const std::string& text) {
  world.wait(stream.write(text.data(), text.size()));
}

std::string thrownBy(World& world, kj::Promise<void> promise) {
  return world.wait(
      promise.then([]() { return std::string(); },
                   [](kj::Exception&& exception) { return std::string(exception.getDescription().cStr()); }));
}

}  // namespace qpq::quic::test
