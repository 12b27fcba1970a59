#include "server/listener.h"

#include <kj/debug.h>

#include "server/rpc/node.h"

namespace qpq::server {

namespace {

quic::RpcServer::Options rpcOptions() {
  quic::RpcServer::Options options;
  // The peer learns the type of an exception only; the operator may see the rest when looking for it.
  options.hidden = kj::Function<void(kj::StringPtr)>([](kj::StringPtr text) { KJ_LOG(INFO, "a call failed", text); });
  return options;
}

// The same after a restart: a client whose server died hears from the new one at once that the old connection is gone,
// instead of waiting for its own idle timeout.
quic::Endpoint::Options endpointOptions(const ServerKeys& keys, Observer& observer) {
  quic::Endpoint::Options options;
  options.secrets.emplace(keys.derive("quic retry token"), keys.derive("quic stateless reset"));
  options.handshaken.emplace([&observer](kj::Duration took) { observer.handshaken(took); });
  return options;
}

}  // namespace

Listener::Listener(Services& services, kj::Timer& timer, Random& random, kj::Own<quic::UdpSocket> socket,
                   const quic::TlsIdentity& identity)
    : services_(services),
      timer_(timer),
      endpoint_(timer, random, kj::mv(socket), endpointOptions(services.keys, services.observer)) {
  renew(identity);
}

std::shared_ptr<Listener::Face> Listener::makeFace(const quic::TlsIdentity& identity) {
  auto info = std::make_shared<const wire::ServerInfo>(services_.keys.info(identity.keyHash()));
  auto bootstrap = [&services = services_, info](quic::Connection& connection) -> capnp::Capability::Client {
    return makeNode(services, {connection.exporter(), connection.peerAddress().block().text(), info});
  };
  return std::shared_ptr<Face>(new Face{info, {timer_, kj::mv(bootstrap), rpcOptions()}});
}

void Listener::renew(const quic::TlsIdentity& identity) {
  auto face = makeFace(identity);
  endpoint_.listen(identity, [this, face](kj::Own<quic::Connection> connection) {
    if (!closing_) face->rpc.accept(kj::mv(connection));
  });
  // Nobody is connected by it, and no handshake that has begun leads to it.
  std::erase_if(faces_, [](const auto& old) { return old->rpc.sessions() == 0 && old.use_count() == 1; });
  faces_.push_back(kj::mv(face));
}

std::vector<Budget> Listener::budgets() const {
  constexpr quic::Limits kLimits;  // as endpointOptions leaves them
  auto counters = endpoint_.counters();
  return {{"connections", counters.connections, kLimits.connectionsMax},
          {"half_open", counters.halfOpen, kLimits.halfOpenMax},
          {"tombstones", counters.tombstones, kLimits.tombstonesMax}};
}

void Listener::write(Exposition& out) const {
  auto counters = endpoint_.counters();
  auto counter = [&](std::string_view name, std::string_view help, uint64_t value) {
    out.counter(name, help, static_cast<double>(value));
  };
  counter("qpq_datagrams_received_total", "UDP datagrams received.", counters.datagramsIn);
  counter("qpq_datagrams_for_nobody_total", "Datagrams of no connection.", counters.datagramsForNobody);
  counter("qpq_quic_retries_total", "Clients asked to prove their address.", counters.retries);
  counter("qpq_quic_refusals_total", "Clients refused.", counters.refusals);
  counter("qpq_quic_resets_total", "Stateless resets sent.", counters.resets);
  counter("qpq_quic_replies_withheld_total", "Stateless answers over their rate.", counters.withheld);
}

kj::Promise<void> Listener::shutDown() {
  closing_ = true;
  co_await services_.shutDown();
  co_await endpoint_.close(static_cast<uint64_t>(quic::RpcClose::normal));
}

}  // namespace qpq::server
