#include "server/certificate_watch.h"

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "quic/self_signed.h"
#include "quic/virtual_network.h"
#include "quic/virtual_time.h"
#include "server/listener.h"
#include "server/observe/limits.h"
#include "server/world_test.h"

using namespace qpq;
using namespace qpq::server;
using namespace qpq::server::testing;

namespace {

// A listener whose certificate lies in files.
struct Scene {
  TestWorld world;
  quic::VirtualNetwork network{world.timer, world.random};
  loop::LoopWorker worker;
  TlsPaths paths{world.folder.file("cert.pem"), world.folder.file("key.pem")};
  std::vector<std::string> lines;
  Journal::Sink sink = [this](std::string_view line) { lines.emplace_back(line); };
  Journal journal{world.clock, {}, sink};
  wire::Hash first = put(make());
  Listener listener{world.services(), world.timer, world.random,
                    network.bind(quic::SocketAddress::ipv4({10, 0, 0, 1}, 7000)), *loadTls(paths)};
  CertificateWatch watch{paths,
                         [this](quic::TlsIdentity identity) -> kj::Promise<void> {
                           listener.renew(identity);
                           return kj::READY_NOW;
                         },
                         world.timer, worker, journal};

  quic::SelfSigned make() { return quic::makeSelfSigned(world.random, world.clock.now()); }
  static void write(const std::string& path, ByteView content) {
    std::ofstream(path + ".new", std::ios::binary) << asText(content);
    std::filesystem::rename(path + ".new", path);
  }
  wire::Hash put(const quic::SelfSigned& made) {
    write(paths.certificate, made.certificatePem);
    write(paths.key, made.keyPem.expose());
    return loadTls(paths)->keyHash();
  }
  void look() { world.move(kCertificateLookMs); }
};

}  // namespace

TEST_CASE("a certificate that changes on the disk is taken, and one that does not is let be") {
  Scene scene;
  scene.look();
  CHECK(scene.lines.empty());
  CHECK(scene.listener.tlsKey() == scene.first);
  auto next = scene.put(scene.make());
  scene.look();
  CHECK(scene.listener.tlsKey() == next);
  CHECK(next != scene.first);
  CHECK(scene.lines.size() == 1);
  scene.look();
  CHECK(scene.lines.size() == 1);
}

TEST_CASE("a pair that does not belong together is refused once, and taken when it does") {
  Scene scene;
  auto made = scene.make();
  Scene::write(scene.paths.certificate, made.certificatePem);  // the key is yet to come
  scene.look();
  scene.look();
  CHECK(scene.listener.tlsKey() == scene.first);
  REQUIRE(scene.lines.size() == 1);
  CHECK(scene.lines[0].contains("level=error"));
  CHECK(scene.lines[0].contains(quic::sentence(quic::CertificateError::keyMismatch)));
  Scene::write(scene.paths.key, made.keyPem.expose());
  scene.look();
  CHECK(scene.listener.tlsKey() == loadTls(scene.paths)->keyHash());
  CHECK(scene.listener.tlsKey() != scene.first);
}

TEST_CASE("files that are gone or garbage leave the old certificate") {
  Scene scene;
  std::filesystem::remove(scene.paths.key);
  scene.look();
  Scene::write(scene.paths.key, asBytes("garbage"));
  scene.look();
  CHECK(scene.listener.tlsKey() == scene.first);
  CHECK(scene.lines.size() == 2);
}

TEST_CASE("asked to, it reads the files at once") {
  Scene scene;
  auto next = scene.put(scene.make());
  scene.world.wait(scene.watch.reload());
  CHECK(scene.listener.tlsKey() == next);
  scene.look();
  CHECK(scene.lines.size() == 1);
}
