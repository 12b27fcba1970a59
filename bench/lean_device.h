#pragma once

#include <kj/async.h>

#include <string>

#include "base/ids.h"
#include "client_loop.h"
#include "crypto/ed25519.h"
#include "schema/session.capnp.h"
#include "wire/logs/envelope.h"
#include "wire/people/certificate.h"

namespace qpq::bench {

// An account with one device and a log of its own, without a client behind it: registration, sign-in and terms are
// real, but what its envelopes seal is noise, which is all that a server ever sees. So the load costs the client
// little.
class LeanDevice {
 public:
  // Registers the name from the host with this number, signs in, begins the log. Each host may register a few only
  // (server::kRegisterPerAddress).
  static kj::Promise<kj::Own<LeanDevice>> join(ClientLoop& clients, const quic::SocketAddress& server, uint16_t host,
                                               std::string name);
  LeanDevice(ClientLoop& clients, kj::Own<quic::RpcClient> connection, std::string name);

  // Appends a message that seals `size` bytes. Throws unless the answer is a receipt.
  kj::Promise<void> append(std::size_t size);

 private:
  kj::Promise<void> enrol();
  kj::Promise<void> signIn();
  kj::Promise<void> beginLog();
  kj::Promise<void> send(Bytes envelope);
  Bytes envelopeOf(wire::Terms terms, mls::ContentType type, std::size_t size) const;

  ClientLoop& clients_;
  kj::Own<quic::RpcClient> connection_;
  const std::string name_;
  const AccountId account_;
  const crypto::Ed25519Key accountKey_;
  const crypto::Ed25519Key deviceKey_;
  const wire::RosterEntry device_;
  const LogId log_;
  kj::Maybe<schema::Logs::Client> logs_;
};

}  // namespace qpq::bench
