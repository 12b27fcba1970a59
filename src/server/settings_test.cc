#include "server/settings.h"

#include <sys/stat.h>

#include <catch2/catch_test_macros.hpp>
#include <filesystem>
#include <fstream>

#include "server/limits.h"
#include "support/scratch_folder.h"
#include "support/seeded_random.h"

using namespace qpq;
using namespace qpq::server;

namespace {
Config withKey(std::string_view key) {
  Config config;
  config.dbKey = SecretBytes(asBytes(key));
  return config;
}
void put(const std::string& path, std::string_view content) { std::ofstream(path) << content; }
mode_t modeOf(const std::string& path) {
  struct stat info{};
  REQUIRE(stat(path.c_str(), &info) == 0);
  return info.st_mode & 0777;
}
}  // namespace

TEST_CASE("paths that were not named lie in the data folder") {
  Config config;
  config.dataDir = "/srv/qpq";
  auto settings = settle(std::move(config), {});
  REQUIRE(settings);
  CHECK(settings->tlsCert == "/srv/qpq/server-cert.pem");
  CHECK(settings->tlsKey == "/srv/qpq/server-key.pem");
  CHECK(settings->makeCertificate);
  CHECK(settings->dbPath == "/srv/qpq/qpq.db");
  CHECK(settings->makeDbKey);
}

TEST_CASE(
    "the ceiling of memory is three quarters of what there is, unless one is named, and never less than will do") {
  constexpr uint64_t kMiB = 1 << 20;
  Environment machine{.credentialDir = {}, .cores = 1, .memoryBytes = 4096 * kMiB};
  CHECK(settle(Config(), machine)->memoryMaxBytes == 3072 * kMiB);
  Config config;
  config.memoryMaxMiB = 100;
  CHECK(settle(std::move(config), machine)->memoryMaxBytes == 100 * kMiB);
  Environment small{.credentialDir = {}, .cores = 1, .memoryBytes = 10 * kMiB};
  CHECK(settle(Config(), small)->memoryMaxBytes == kMemoryMaxMiBMin * kMiB);
  Config tooLow;
  tooLow.memoryMaxMiB = kMemoryMaxMiBMin - 1;
  auto refused = settle(std::move(tooLow), machine);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().what.contains("at least 64"));
}

TEST_CASE("an empty key is refused") {
  auto settings = settle(withKey(""), {});
  REQUIRE(!settings);
  CHECK(settings.error().what.starts_with("db_key is empty"));
}

TEST_CASE("a key and a key file contradict each other") {
  Config config = withKey("k");
  config.dbKeyFile = "f";
  CHECK(!settle(std::move(config), {}));
}

TEST_CASE("a certificate needs its key") {
  Config config;
  config.tlsCert = "c.pem";
  CHECK(!settle(std::move(config), {}));
  Config other;
  other.tlsKey = "k.pem";
  CHECK(!settle(std::move(other), {}));
}

TEST_CASE("a listener is an address and a port") {
  auto listens = [](const char* text) {
    Config config;
    config.listen = text;
    return settle(std::move(config), {}).has_value();
  };
  for (auto good : {"0.0.0.0:7000", "127.0.0.1:0", "[::]:7000"}) CHECK(listens(good));
  for (auto bad : {"", "7000", ":7000", "0.0.0.0", "example.org:7000", "0.0.0.0:65536", "::1:7000"})
    CHECK(!listens(bad));
}

TEST_CASE("weak password hashing starts on loopback listeners only") {
  Config config;
  config.allowInsecureAuth = true;
  CHECK(!settle(std::move(config), {}));
  for (auto listen : {"127.0.0.1:0", "127.9.9.9:7000", "[::1]:7000"}) {
    Config loopback;
    loopback.allowInsecureAuth = true;
    loopback.listen = listen;
    auto settings = settle(std::move(loopback), {});
    REQUIRE(settings);
    CHECK(settings->weakKsf);
    CHECK(settings->notes.size() == 1);
  }
  for (auto listen : {"0.0.0.0:7000", "128.0.0.1:7000", "[::]:7000", "[::2]:7000"}) {
    Config open;
    open.allowInsecureAuth = true;
    open.listen = listen;
    CHECK(!settle(std::move(open), {}));
  }
}

TEST_CASE("production refuses what is made for trying out") {
  Environment production{true, {}};
  auto good = [] {
    Config config = withKey("k");
    config.tlsCert = "c.pem";
    config.tlsKey = "k.pem";
    return config;
  };
  CHECK(settle(good(), production));
  SECTION("a self-made certificate") {
    Config config = good();
    config.tlsCert.clear();
    config.tlsKey.clear();
    CHECK(!settle(std::move(config), production));
  }
  SECTION("a self-made database key") {
    Config config = good();
    config.dbKey.reset();
    CHECK(!settle(std::move(config), production));
  }
  SECTION("weak password hashing, even on loopback") {
    Config config = good();
    config.listen = "127.0.0.1:7000";
    config.allowInsecureAuth = true;
    CHECK(!settle(std::move(config), production));
  }
}

TEST_CASE("systemd's credential is the key file when nothing else is named") {
  test::ScratchFolder dir;
  Environment environment{true, dir.file(".")};
  Config config;
  config.tlsCert = "c";
  config.tlsKey = "k";
  CHECK(!settle(std::move(config), environment));  // the folder is there, the credential is not
  put(dir.file("qpq-db-key"), "from systemd\n");
  Config again;
  again.tlsCert = "c";
  again.tlsKey = "k";
  auto settings = settle(std::move(again), environment);
  REQUIRE(settings);
  test::SeededRandom random(1);
  auto key = databaseKey(*settings, random);
  Config plain = withKey("from systemd");
  CHECK(equal(key->key.expose(), databaseKey(*settle(std::move(plain), {}), random)->key.expose()));

  Config named = withKey("k");
  named.tlsCert = "c";
  named.tlsKey = "k";
  CHECK(settle(std::move(named), environment)->dbKeyFile.empty());
}

TEST_CASE("a key file gives its bytes without the newline at its end") {
  test::ScratchFolder dir;
  test::SeededRandom random(1);
  auto keyOf = [&](std::string_view content) {
    put(dir.file("key"), content);
    Config config;
    config.dbKeyFile = dir.file("key");
    return databaseKey(*settle(std::move(config), {}), random);
  };
  CHECK(equal(keyOf("sesame\r\n")->key.expose(), keyOf("sesame")->key.expose()));
  CHECK(!equal(keyOf(" sesame ")->key.expose(), keyOf("sesame")->key.expose()));
  CHECK(!keyOf(""));
  CHECK(!keyOf("\n\n"));
  CHECK(keyOf(std::string(4'096, 'k')));
  CHECK(!keyOf(std::string(4'097, 'k')));
  CHECK(!keyOf(std::string(1'000'000, 'k')));
}

TEST_CASE("64 hex digits are the key itself") {
  test::SeededRandom random(1);
  auto keyOf = [&](std::string_view text) { return databaseKey(*settle(withKey(text), {}), random)->key.clone(); };
  std::string digits(64, 'a');
  CHECK(equal(keyOf(digits).expose(), Bytes(32, 0xaa)));
  CHECK(equal(keyOf(std::string(64, 'A')).expose(), Bytes(32, 0xaa)));
  digits[5] = 'g';
  CHECK(!equal(keyOf(digits).expose(), Bytes(32, 0xaa)));
}

TEST_CASE("a key file that is not there is an error") {
  test::SeededRandom random(1);
  Config config;
  config.dbKeyFile = "no/such/file";
  auto key = databaseKey(*settle(std::move(config), {}), random);
  REQUIRE(!key);
  CHECK(key.error().what.contains("no/such/file"));
}

TEST_CASE("without a key a random one is made once, for the owner's eyes only") {
  test::ScratchFolder dir;
  test::SeededRandom random(1);
  auto settings = [&] {
    Config config;
    config.dataDir = dir.file(".");
    return *settle(std::move(config), {});
  };
  auto first = databaseKey(settings(), random);
  REQUIRE(first);
  CHECK(first->notes.size() == 1);
  CHECK(modeOf(dir.file("db.key")) == 0600);
  auto second = databaseKey(settings(), random);
  REQUIRE(second);
  CHECK(equal(first->key.expose(), second->key.expose()));
  CHECK(second->notes.empty());
}

TEST_CASE("no new key is made beside a database whose key is lost") {
  test::ScratchFolder dir;
  test::SeededRandom random(1);
  put(dir.file("qpq.db"), "something");
  Config config;
  config.dataDir = dir.file(".");
  auto key = databaseKey(*settle(std::move(config), {}), random);
  REQUIRE(!key);
  CHECK(!std::filesystem::exists(dir.file("db.key")));
}

TEST_CASE("metrics are shown on this machine alone unless told otherwise") {
  auto settings = settle(Config(), {});
  REQUIRE(settings);
  REQUIRE(settings->metricsListen);
  CHECK(settings->metricsListen->text() == kMetricsListenDefault);
  CHECK(settings->metricsListenIsDefault);
  CHECK(settings->notes.empty());

  Config nowhere;
  nowhere.metricsListen = "";
  CHECK(!settle(std::move(nowhere), {})->metricsListen);

  Config everywhere;
  everywhere.metricsListen = "0.0.0.0:9100";
  auto open = settle(std::move(everywhere), {});
  REQUIRE(open);
  CHECK(!open->metricsListenIsDefault);
  CHECK(open->notes.size() == 1);

  Config bad;
  bad.metricsListen = "localhost";
  CHECK(settle(std::move(bad), {}).error().what.contains("metrics_listen \"localhost\""));
}
