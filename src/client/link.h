#pragma once

#include <kj/async-io.h>
#include <kj/async.h>
#include <kj/function.h>

#include <expected>
#include <string>

#include "base/bytes.h"
#include "schema/node.capnp.h"

namespace qpq::client {

// A live connection to a server, up to its bootstrap capability. Dropping it closes the connection.
struct Link {
  schema::Node::Client node;
  ByteArray<32> exporter;    // TLS exporter "EXPORTER-qpq-1": what a resume signature is bound to
  ByteArray<32> tlsKey;      // SHA-256 of the server certificate's SPKI, compared with its signed ServerInfo
  kj::Promise<void> closed;  // resolves when the connection is gone, however that came
  // One more stream beside the control stream, for bulk. Not to be called once `owner` is gone.
  kj::Function<kj::Promise<kj::Own<kj::AsyncIoStream>>()> openStream;
  kj::Own<void> owner;  // keeps the connection alive
};

// Why no link came about.
struct LinkError {
  enum class Code { unreachable, refused, untrusted, incompatible };
  Code code;
  std::string what;
};

// Where links come from: QUIC in programs, an in-memory pipe in the simulator.
class Connector {
 public:
  virtual ~Connector() noexcept(false) = default;
  virtual kj::Promise<std::expected<Link, LinkError>> connect() = 0;
  virtual std::string address() const = 0;  // for people
};

// Asked when the profile has never seen this server's identity. The answer is remembered; a later change of identity is
// refused without asking.
class ServerTrust {
 public:
  virtual ~ServerTrust() noexcept(false) = default;
  virtual kj::Promise<bool> trustNewServer(std::string address, std::string fingerprint) = 0;
};

}  // namespace qpq::client
