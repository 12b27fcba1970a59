#include "server/listener.h"

#include <kj/debug.h>
#include <kj/vector.h>

#include "server/limits.h"
#include "server/rpc/node.h"

namespace qpq::server {

namespace {

quic::RpcServer::Options rpcOptions(Services& services) {
  quic::RpcServer::Options options;
  options.otherStream.emplace([&services](quic::Connection& connection, kj::Own<quic::Stream> stream) {
    services.bulk.accept(connection.exporter(), kj::mv(stream));
  });
  // The peer learns the type of an exception only; the operator may see the rest when looking for it.
  options.hidden = kj::Function<void(kj::StringPtr)>([](kj::StringPtr text) { KJ_LOG(INFO, "a call failed", text); });
  return options;
}

std::size_t shareOf(std::size_t whole, std::size_t loops) {
  if (loops == 1) return whole;
  return (whole * 5 / 4 + loops - 1) / loops;
}

// The same after a restart: a client whose server died hears from the new one at once that the old connection is gone,
// instead of waiting for its own idle timeout.
quic::Endpoint::Options endpointOptions(const ServerKeys& keys, Observer& observer, Listener::Among among) {
  quic::Endpoint::Options options;
  options.place = among.place;
  options.handOver = kj::mv(among.handOver);
  options.makeRoom = kj::mv(among.makeRoom);
  // The endpoint's bounds are the program's: each loop keeps its share.
  for (std::size_t* whole : {&options.limits.connectionsMax, &options.limits.halfOpenBeforeRetry,
                             &options.limits.halfOpenMax, &options.limits.tombstonesMax}) {
    *whole = (*whole + among.place.count - 1) / among.place.count;
  }
  // Likewise those of one address, with a quarter more, since chance spreads its connections.
  for (std::size_t* each : {&options.limits.connectionsPerAddressMax, &options.limits.halfOpenPerAddressMax}) {
    *each = shareOf(*each, among.place.count);
  }
  for (uint32_t* each : {&options.limits.handshakeBurstPerAddress, &options.limits.handshakesPerAddressPerMinute}) {
    *each = static_cast<uint32_t>(shareOf(*each, among.place.count));
  }
  options.handshaken.emplace([&observer](kj::Duration took) { observer.handshaken(took); });
  options.secrets.emplace(keys.derive("quic retry token"), keys.derive("quic stateless reset"));
  return options;
}

}  // namespace

Listener::Listener(Services& services, kj::Timer& timer, Random& random, kj::Own<quic::UdpSocket> socket,
                   const quic::TlsIdentity& identity, Among among)
    : services_(services),
      timer_(timer),
      endpoint_(timer, random, kj::mv(socket), endpointOptions(services.keys, services.observer, kj::mv(among))) {
  renew(identity);
}

std::shared_ptr<Listener::Face> Listener::makeFace(const quic::TlsIdentity& identity) {
  auto info = std::make_shared<const wire::ServerInfo>(services_.keys.info(identity.keyHash()));
  auto bootstrap = [&services = services_, info](quic::Connection& connection) -> capnp::Capability::Client {
    return makeNode(services, {connection.exporter(), connection.peerAddress().block().text(), info,
                               [known = connection.known()]() { *known = true; }});
  };
  return std::shared_ptr<Face>(new Face{info, {timer_, kj::mv(bootstrap), rpcOptions(services_)}});
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

kj::Promise<void> Listener::shed(std::size_t bytes) {
  kj::Vector<kj::Promise<void>> done;
  for (auto& face : faces_) {
    auto& rpc = face->rpc;
    done.add(rpc.shed(bytes, kClientMemory).attach(kj::heap(face)));
  }
  return kj::joinPromises(done.releaseAsArray());
}

kj::Promise<void> Listener::shutDown() {
  closing_ = true;
  co_await services_.shutDown();
  co_await endpoint_.close(static_cast<uint64_t>(quic::RpcClose::normal));
}

}  // namespace qpq::server
