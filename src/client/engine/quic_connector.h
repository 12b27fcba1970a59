#pragma once

#include <kj/async-unix.h>
#include <kj/timer.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/random.h"
#include "base/time.h"
#include "client/link.h"
#include "loop/worker.h"
#include "quic/address.h"
#include "quic/certificate.h"
#include "quic/endpoint.h"

namespace qpq::client {

// Links over QUIC to one server, named by HOST:PORT. Without trusted certificates TLS takes any: who the server is then
// rests on its signed ServerInfo alone, which names the TLS key and is held to the pinned identity before anything is
// said.
class QuicConnector final: public Connector {
 public:
  struct Surroundings {
    kj::UnixEventPort& port;
    kj::Timer& timer;
    const Clock& clock;
    Random& random;
    loop::Worker& worker;  // names are looked up there
  };
  QuicConnector(Surroundings surroundings, std::string server, std::vector<quic::Certificate> trusted);
  ~QuicConnector() noexcept(false) override;
  KJ_DISALLOW_COPY_AND_MOVE(QuicConnector);

  kj::Promise<std::expected<Link, LinkError>> connect() override;
  std::string address() const override { return server_; }

 private:
  kj::Promise<std::optional<quic::SocketAddress>> resolve();
  quic::Endpoint& endpointFor(quic::SocketAddress::Family family);

  Surroundings surroundings_;
  std::string server_;
  std::vector<quic::Certificate> trusted_;
  kj::Maybe<kj::Own<quic::Endpoint>> ipv4_;
  kj::Maybe<kj::Own<quic::Endpoint>> ipv6_;
};

// HOST and PORT of "host:port", "host", "[::1]:port"; the port is kDefaultPort where none is given. Nothing if it is
// none of these.
struct HostAndPort {
  std::string host;
  uint16_t port;
  bool operator==(const HostAndPort&) const = default;
};
std::optional<HostAndPort> parseServer(std::string_view server);
inline constexpr uint16_t kDefaultPort = 7000;

}  // namespace qpq::client
