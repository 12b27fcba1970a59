#include "client/engine/quic_connector.h"

#include <kj/debug.h>

#include <netdb.h>
#include <netinet/in.h>

#include <charconv>

#include "client/engine/limits.h"
#include "quic/kernel_socket.h"
#include "quic/rpc.h"

namespace qpq::client {

namespace {

using quic::CloseReason;
using quic::SocketAddress;

LinkError linkError(const quic::ConnectError& error) {
  std::string what = error.reason.text();
  switch (error.reason.kind) {
    case CloseReason::Kind::refusedCertificate: return {LinkError::Code::untrusted, what};
    case CloseReason::Kind::noCommonGroup:
    case CloseReason::Kind::wrongAlpn:
    case CloseReason::Kind::wrongVersion: return {LinkError::Code::incompatible, what};
    case CloseReason::Kind::refused: return {LinkError::Code::refused, what};
    case CloseReason::Kind::handshakeTimeout: return {LinkError::Code::unreachable, "it does not answer"};
    default: return {LinkError::Code::unreachable, what};
  }
}

// Blocking. The first address of the name, as the system prefers them.
std::optional<SocketAddress> lookUp(const HostAndPort& server) {
  addrinfo wanted{};
  wanted.ai_socktype = SOCK_DGRAM;
  wanted.ai_flags = AI_ADDRCONFIG;
  addrinfo* found = nullptr;
  if (::getaddrinfo(server.host.c_str(), nullptr, &wanted, &found) != 0) return std::nullopt;
  std::optional<SocketAddress> address;
  for (addrinfo* one = found; one != nullptr && !address; one = one->ai_next) {
    address = quic::SystemAddress::read(one->ai_addr, one->ai_addrlen);
  }
  ::freeaddrinfo(found);
  if (address) address = address->withPort(server.port);
  return address;
}

// What a link keeps alive.
struct Live {
  kj::Own<quic::RpcClient> rpc;
};

}  // namespace

std::optional<HostAndPort> parseServer(std::string_view server) {
  std::string_view host = server;
  std::string_view port;
  if (server.starts_with('[')) {
    std::size_t end = server.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = server.substr(1, end - 1);
    std::string_view rest = server.substr(end + 1);
    if (!rest.empty() && !rest.starts_with(':')) return std::nullopt;
    if (!rest.empty()) port = rest.substr(1);
    if (!rest.empty() && port.empty()) return std::nullopt;
  } else if (std::size_t colon = server.find(':'); colon != std::string_view::npos) {
    if (server.find(':', colon + 1) != std::string_view::npos) return std::nullopt;  // IPv6 wants brackets
    host = server.substr(0, colon);
    port = server.substr(colon + 1);
    if (port.empty()) return std::nullopt;
  }
  if (host.empty()) return std::nullopt;
  uint16_t number = kDefaultPort;
  if (!port.empty()) {
    auto [end, problem] = std::from_chars(port.data(), port.data() + port.size(), number);
    if (problem != std::errc() || end != port.data() + port.size() || number == 0) return std::nullopt;
  }
  return HostAndPort{std::string(host), number};
}

QuicConnector::QuicConnector(Surroundings surroundings, std::string server, std::vector<quic::Certificate> trusted)
    : surroundings_(surroundings), server_(kj::mv(server)), trusted_(kj::mv(trusted)) {}

QuicConnector::~QuicConnector() noexcept(false) = default;

kj::Promise<std::expected<Link, LinkError>> QuicConnector::connect() {
  auto target = parseServer(server_);
  if (!target) {
    co_return std::unexpected(LinkError{LinkError::Code::unreachable, "\"" + server_ + "\" is no HOST:PORT"});
  }
  auto remote = co_await resolve();
  if (!remote)
    co_return std::unexpected(LinkError{LinkError::Code::unreachable, "nobody knows the host " + target->host});

  quic::PeerVerifier verifier = quic::Judged{[](const quic::KeyHash&) { return true; }};
  if (!trusted_.empty()) verifier = quic::TrustedCertificates{trusted_, surroundings_.clock.now()};
  auto connected = co_await endpointFor(remote->family).connect({*remote, target->host, kj::mv(verifier)});
  if (!connected) co_return std::unexpected(linkError(connected.error()));
  auto rpc = co_await quic::RpcClient::start(kj::mv(*connected));
  quic::Connection& connection = rpc->connection();
  if (!connection.peerKey()) co_return std::unexpected(LinkError{LinkError::Code::untrusted, "it showed no key"});
  auto node = rpc->bootstrap().castAs<schema::Node>();
  ByteArray<32> exporter = connection.exporter();
  ByteArray<32> tlsKey = *connection.peerKey();
  auto closed = connection.whenClosed().ignoreResult();
  auto live = kj::heap<Live>();
  live->rpc = kj::mv(rpc);
  auto openStream = [&connection]() {
    return connection.openStream().then(
        [](kj::Own<quic::Stream> stream) -> kj::Own<kj::AsyncIoStream> { return kj::mv(stream); });
  };
  co_return Link{.node = kj::mv(node),
                 .exporter = exporter,
                 .tlsKey = tlsKey,
                 .closed = kj::mv(closed),
                 .openStream = kj::mv(openStream),
                 .owner = kj::mv(live)};
}

kj::Promise<std::optional<SocketAddress>> QuicConnector::resolve() {
  auto target = parseServer(server_);
  bool isIpv6 = target->host.find(':') != std::string::npos;
  std::string port = std::to_string(target->port);
  if (auto number = SocketAddress::parse(isIpv6 ? "[" + target->host + "]:" + port : target->host + ":" + port)) {
    return number;
  }
  return surroundings_.worker.run([server = *target]() { return lookUp(server); });
}

quic::Endpoint& QuicConnector::endpointFor(SocketAddress::Family family) {
  bool ipv4 = family == SocketAddress::Family::ipv4;
  auto& endpoint = ipv4 ? ipv4_ : ipv6_;
  if (endpoint == nullptr) {
    SocketAddress any = ipv4 ? SocketAddress::ipv4({}, 0) : SocketAddress::ipv6({}, 0);
    auto socket = kj::heap<quic::KernelSocket>(surroundings_.port, any, quic::KernelSocket::Role::client);
    quic::Endpoint::Options options;
    options.limits.handshakeTimeoutMs = kHandshakeTimeoutMs;
    endpoint = kj::heap<quic::Endpoint>(surroundings_.timer, surroundings_.random, kj::mv(socket), kj::mv(options));
  }
  return *KJ_ASSERT_NONNULL(endpoint);
}

}  // namespace qpq::client
