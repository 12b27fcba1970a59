#pragma once

#include <kj/async.h>
#include <kj/debug.h>

#include <cstdint>

#include "client_loop.h"
#include "identity.h"
#include "schema/session.capnp.h"

namespace qpq::bench {

// A signed-in device with one log, without a client behind it: handshake, sign-in and terms are real, but what its
// envelopes seal is noise, which is all that a server ever sees. So the load costs the client little.
class LeanDevice {
 public:
  // Registers from the host with this number, signs in, begins a log. Each host may register a few only
  // (server::kRegisterPerAddress). The identity outlives the device, here and below.
  static kj::Promise<kj::Own<LeanDevice>> join(ClientLoop& clients, const quic::SocketAddress& server, uint16_t host,
                                               const Identity& identity);
  // Signs in with the device's key (Seeder::addAccount). It appends to and follows this log, which has one commit.
  static kj::Promise<kj::Own<LeanDevice>> resume(ClientLoop& clients, const quic::SocketAddress& server, uint16_t host,
                                                 const Identity& identity, const LogId& log);
  LeanDevice(ClientLoop& clients, kj::Own<quic::RpcClient> connection, const Identity& identity, const LogId& log);
  ~LeanDevice() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(LeanDevice);

  // Appends a message that seals `size` bytes. Throws unless the answer is a receipt.
  kj::Promise<void> append(std::size_t size);
  // Has the log's entries behind this place pushed to it from now on. Once.
  kj::Promise<void> follow(uint64_t after);
  // Resolves when this entry has been pushed to it. One at a time.
  kj::Promise<void> reached(uint64_t seq);
  uint64_t pushedUpTo() const { return pushedUpTo_; }  // the newest entry pushed; 0: none
  uint64_t pushes() const { return pushes_; }          // calls that brought entries

  quic::RpcClient& connection() { return *connection_; }
  schema::Session::Client session() { return KJ_ASSERT_NONNULL(session_); }
  schema::Logs::Client logs() { return KJ_ASSERT_NONNULL(logs_); }
  const LogId& log() const { return log_; }

 private:
  class Pushed;
  kj::Promise<void> enrol();
  kj::Promise<void> signIn();
  kj::Promise<void> beginLog();
  kj::Promise<void> send(Bytes envelope);
  void took(uint64_t seq);

  ClientLoop& clients_;
  kj::Own<quic::RpcClient> connection_;
  const Identity& identity_;
  const LogId log_;
  kj::Maybe<schema::Session::Client> session_;
  kj::Maybe<schema::Logs::Client> logs_;
  kj::Maybe<schema::Following::Client> following_;
  kj::Maybe<Pushed&> sink_;  // while the server holds it
  uint64_t pushedUpTo_ = 0;
  uint64_t pushes_ = 0;
  uint64_t awaited_ = 0;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> arrived_;
};

}  // namespace qpq::bench
