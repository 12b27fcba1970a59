#pragma once

#include <kj/async.h>
#include <kj/debug.h>

#include <cstdint>

#include "client_loop.h"
#include "identity.h"
#include "schema/session.capnp.h"

namespace qpq::bench {

// What several devices have been given, all together.
class Deliveries {
 public:
  uint64_t entries() const { return entries_; }
  uint64_t pushes() const { return pushes_; }  // calls that brought them
  // Resolves when so many entries have come. One at a time.
  kj::Promise<void> reached(uint64_t entries);
  void took(uint64_t entries);

 private:
  uint64_t entries_ = 0;
  uint64_t pushes_ = 0;
  uint64_t awaited_ = 0;
  kj::Maybe<kj::Own<kj::PromiseFulfiller<void>>> arrived_;
};

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
  // On a connection that says nothing yet.
  LeanDevice(ClientLoop& clients, kj::Own<quic::RpcClient> connection, const Identity& identity, const LogId& log);
  ~LeanDevice() noexcept(false);
  KJ_DISALLOW_COPY_AND_MOVE(LeanDevice);

  // What resume() is made of: hears who the server is, then proves the key and takes the capabilities.
  kj::Promise<void> greet();
  kj::Promise<void> signIn();

  // Appends a message that seals `size` bytes. Throws unless the answer is a receipt.
  kj::Promise<void> append(std::size_t size);
  // Has the log's entries behind this place pushed to it from now on, and counted. Once.
  kj::Promise<void> follow(uint64_t after) { return follow(after, own_); }
  kj::Promise<void> follow(uint64_t after, Deliveries& deliveries);  // which outlive the device
  // Resolves when this entry has been pushed to it. One at a time; not where others count, too.
  kj::Promise<void> reached(uint64_t seq) { return own_.reached(seq - followedFrom_); }
  uint64_t pushedUpTo() const { return pushedUpTo_; }  // the newest entry pushed; 0: none
  uint64_t pushes() const { return own_.pushes(); }

  quic::RpcClient& connection() { return *connection_; }
  schema::Session::Client session() { return KJ_ASSERT_NONNULL(session_); }
  schema::Logs::Client logs() { return KJ_ASSERT_NONNULL(logs_); }
  const LogId& log() const { return log_; }

 private:
  class Pushed;
  kj::Promise<void> enrol();
  kj::Promise<void> beginLog();
  kj::Promise<void> send(Bytes envelope);

  ClientLoop& clients_;
  kj::Own<quic::RpcClient> connection_;
  const Identity& identity_;
  const LogId log_;
  kj::Maybe<schema::Session::Client> session_;
  kj::Maybe<schema::Logs::Client> logs_;
  kj::Maybe<schema::Following::Client> following_;
  kj::Maybe<Pushed&> sink_;  // while the server holds it
  Incarnation incarnation_;
  Deliveries own_;
  uint64_t followedFrom_ = 0;
  uint64_t pushedUpTo_ = 0;
};

}  // namespace qpq::bench
