#include "server/tls_files.h"

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "support/scratch_folder.h"
#include "support/seeded_random.h"

using namespace qpq;
using namespace qpq::server;

namespace {

constexpr Instant kNow{1'800'000'000'000};

Settings settingsIn(const test::ScratchFolder& dir) {
  Config config;
  config.dataDir = dir.file(".");
  return *settle(std::move(config), {});
}
Settings settingsNaming(const std::string& certificate, const std::string& key) {
  Config config;
  config.tlsCert = certificate;
  config.tlsKey = key;
  return *settle(std::move(config), {});
}

}  // namespace

TEST_CASE("a certificate is made once, and its key is for the owner's eyes only") {
  test::ScratchFolder dir;
  test::SeededRandom random(1);
  auto first = tlsFiles(settingsIn(dir), random, kNow);
  REQUIRE(first);
  CHECK(first->notes.size() == 1);
  struct stat info{};
  REQUIRE(stat(dir.file("server-key.pem").c_str(), &info) == 0);
  CHECK((info.st_mode & 0777) == 0600);
  auto second = tlsFiles(settingsIn(dir), random, kNow);
  REQUIRE(second);
  CHECK(second->notes.empty());
  CHECK(second->identity.keyHash() == first->identity.keyHash());
}

TEST_CASE("named files must be there and belong together, and none is made in their place") {
  test::ScratchFolder dir;
  test::ScratchFolder other;
  test::SeededRandom random(1);
  REQUIRE(tlsFiles(settingsIn(dir), random, kNow));
  REQUIRE(tlsFiles(settingsIn(other), random, kNow));
  auto named = [&](const std::string& certificate, const std::string& key) {
    return tlsFiles(settingsNaming(certificate, key), random, kNow);
  };
  std::string certificate = dir.file("server-cert.pem");
  CHECK(named(certificate, dir.file("server-key.pem")));
  CHECK(named(certificate, other.file("server-key.pem"))
            .error()
            .what.contains(quic::sentence(quic::CertificateError::keyMismatch)));
  CHECK(named(certificate, dir.file("absent")).error().what.contains("absent"));
  CHECK(!std::filesystem::exists(dir.file("absent")));
  std::ofstream(dir.file("garbage")) << "no certificate";
  CHECK(!named(dir.file("garbage"), dir.file("server-key.pem")));
  CHECK(!named(certificate, dir.file("garbage")));
}

TEST_CASE("a certificate whose key is lost is not silently replaced") {
  test::ScratchFolder dir;
  test::SeededRandom random(1);
  REQUIRE(tlsFiles(settingsIn(dir), random, kNow));
  std::filesystem::remove(dir.file("server-key.pem"));
  CHECK(!tlsFiles(settingsIn(dir), random, kNow));
}
