#include "server/listener.h"

#include <catch2/catch_test_macros.hpp>

#include "quic/self_signed.h"
#include "quic/virtual_network.h"
#include "quic/virtual_time.h"
#include "schema/node.capnp.h"
#include "server/store/sqlite/open.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

using namespace qpq;
using namespace qpq::server;

namespace {

struct StillClock final: public Clock {
  Instant now() const override { return {1'800'000'000'000}; }
};

// A server on a simulated network, as the program puts it together.
struct Scene {
  Scene()
      : made(quic::makeSelfSigned(random, clock.now())),
        identity(*quic::TlsIdentity::load(made.certificatePem, made.keyPem.expose())),
        store(*store::sqlite::open(folder.file("server.db"), random.secret<32>())),
        keys(*ServerKeys::open(*store.write, random, clock.now())),
        writes(*store.write, files, keys, clock),
        services({clock, random, time.timer(), worker, writes, worker, *store.read, worker, rates}, keys,
                 identity.keyHash(), {crypto::kArgon2CostTest}),
        listener(services, time.timer(), random, network.bind(quic::SocketAddress::ipv4({10, 0, 0, 1}, 7000)),
                 identity),
        client(time.timer(), random, network.bind(quic::SocketAddress::ipv4({10, 0, 0, 2}, 9000))) {}

  quic::Endpoint::Connected connect() {
    return client.connect({listener.address(), "localhost", quic::ExpectedKey{identity.keyHash()}}).wait(scope);
  }

  test::SeededRandom random{3};
  StillClock clock;
  quic::VirtualTime time;
  kj::EventLoop loop{time};
  kj::WaitScope scope{loop};
  quic::VirtualNetwork network{time.timer(), random};
  test::ScratchFolder folder;
  quic::SelfSigned made;
  quic::TlsIdentity identity;
  store::sqlite::Opened store;
  ServerKeys keys;
  BlobFiles files{folder.file("blobs")};
  WriteQueue writes;
  EntryRates rates;
  loop::LoopWorker worker;
  Services services;
  Listener listener;
  quic::Endpoint client;
};

// Whether what the server says of itself fits the identity clients have pinned and the key this connection was made by.
bool isVouchedFor(Scene& scene, kj::Own<quic::Connection> connection) {
  auto tlsKey = connection->peerKey();
  auto rpc = quic::RpcClient::start(kj::mv(connection)).wait(scene.scope);
  auto response = rpc->bootstrap().castAs<schema::Node>().serverInfoRequest().send().wait(scene.scope);
  auto encoded = response.getInfo();
  auto info = wire::VerifiedServerInfo::check(*decode<wire::ServerInfo>({encoded.begin(), encoded.size()}));
  return info && wire::checkConnection(*info, scene.keys.identity(), *tlsKey);
}

}  // namespace

TEST_CASE("over QUIC a client meets the identity that vouches for the connection's key") {
  Scene scene;
  auto connected = scene.connect();
  REQUIRE(connected);
  CHECK(isVouchedFor(scene, kj::mv(*connected)));
}

TEST_CASE("a renewed certificate is what new clients meet, and every connection is vouched for by its own") {
  Scene scene;
  auto before = scene.connect();
  REQUIRE(before);
  auto made = quic::makeSelfSigned(scene.random, scene.clock.now());
  auto next = *quic::TlsIdentity::load(made.certificatePem, made.keyPem.expose());
  scene.listener.renew(next);
  CHECK(scene.listener.tlsKey() == next.keyHash());
  CHECK(!scene.connect());  // who expects the old key
  auto expected = quic::ExpectedKey{next.keyHash()};
  auto after = scene.client.connect({scene.listener.address(), "localhost", expected}).wait(scene.scope);
  REQUIRE(after);
  CHECK(isVouchedFor(scene, kj::mv(*before)));
  CHECK(isVouchedFor(scene, kj::mv(*after)));
}

TEST_CASE("a handshake that has begun ends with the certificate it began with") {
  Scene scene;
  auto connecting =
      scene.client.connect({scene.listener.address(), "localhost", quic::ExpectedKey{scene.identity.keyHash()}});
  // Until the server knows of the client, and then until it has answered.
  auto waitAMoment = [&scene]() { scene.time.timer().afterDelay(100 * kj::MICROSECONDS).wait(scene.scope); };
  while (scene.listener.counters().halfOpen == 0) waitAMoment();
  waitAMoment();
  REQUIRE(scene.listener.counters().halfOpen == 1);
  auto made = quic::makeSelfSigned(scene.random, scene.clock.now());
  scene.listener.renew(*quic::TlsIdentity::load(made.certificatePem, made.keyPem.expose()));
  scene.listener.renew(*quic::TlsIdentity::load(made.certificatePem, made.keyPem.expose()));
  auto connected = connecting.wait(scene.scope);
  REQUIRE(connected);
  CHECK(isVouchedFor(scene, kj::mv(*connected)));
}

TEST_CASE("a server that shuts down closes its connections and lets nobody in") {
  Scene scene;
  auto connected = scene.connect();
  REQUIRE(connected);
  quic::Connection& connection = **connected;
  auto down = scene.listener.shutDown();
  CHECK(connection.whenClosed().wait(scene.scope).kind == quic::CloseReason::Kind::application);
  down.wait(scene.scope);
  CHECK(!scene.connect());
}

TEST_CASE("over QUIC a blob goes up and comes down on streams of its own, beside calls") {
  Scene scene;
  auto connected = scene.connect();
  REQUIRE(connected);
  auto rpc = quic::RpcClient::start(kj::mv(*connected)).wait(scene.scope);
  auto node = rpc->bootstrap().castAs<schema::Node>();
  node.pingRequest().send().wait(scene.scope);
  wire::RosterEntry device{AccountId::random(scene.random), DeviceId::random(scene.random)};
  auto session = scene.services.sessions.open(device, rpc->connection().exporter());
  Bytes blob(700'000);
  scene.random.fill(blob);
  Uploaded named{crypto::sha256(blob), blob.size()};

  auto put = scene.services.bulk.putBlob(kj::addRef(*session), named).wait(scene.scope);
  auto up = rpc->connection().openStream().wait(scene.scope);
  auto ticket = std::get<UploadStream>(*put).ticket;
  up->write(ticket.bytes.data(), ticket.bytes.size()).wait(scene.scope);
  auto written = up->write(blob.data(), blob.size()).eagerlyEvaluate(nullptr);
  node.pingRequest().send().wait(scene.scope);
  written.wait(scene.scope);
  up->shutdownWrite();
  Bytes verdict(1);
  up->read(verdict.data(), 1).wait(scene.scope);
  CHECK(decode<wire::BulkVerdict>(verdict) == wire::BulkVerdict::stored);

  auto get = scene.services.bulk.getBlob(kj::addRef(*session), named.hash, 0).wait(scene.scope);
  auto down = rpc->connection().openStream().wait(scene.scope);
  ticket = std::get<DownloadStream>(*get).ticket;
  down->write(ticket.bytes.data(), ticket.bytes.size()).wait(scene.scope);
  down->shutdownWrite();
  auto received = down->readAllBytes().wait(scene.scope);
  CHECK(Bytes(received.begin(), received.end()) == blob);
}

TEST_CASE("a bulk stream without a ticket of its connection is dropped") {
  Scene scene;
  auto connected = scene.connect();
  REQUIRE(connected);
  auto rpc = quic::RpcClient::start(kj::mv(*connected)).wait(scene.scope);
  rpc->bootstrap().castAs<schema::Node>().pingRequest().send().wait(scene.scope);
  auto stream = rpc->connection().openStream().wait(scene.scope);
  Bytes madeUp(16, 7);
  stream->write(madeUp.data(), madeUp.size()).wait(scene.scope);
  uint8_t octet = 0;
  CHECK_THROWS_AS(stream->tryRead(&octet, 1, 1).wait(scene.scope), kj::Exception);
}
