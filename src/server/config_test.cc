#include "server/config.h"

#include <catch2/catch_test_macros.hpp>

#include <vector>

#include "server/flags.h"

using namespace qpq;
using namespace qpq::server;

namespace {
std::string refusal(std::string_view toml) {
  auto config = parseConfig(toml, "qpq.toml");
  REQUIRE(!config);
  return config.error().what;
}
Flags flagsOf(std::vector<const char*> words) {
  words.insert(words.begin(), "qpq-server");
  auto flags = parseFlags(static_cast<int>(words.size()), words.data(), "1.2.3");
  REQUIRE(flags);
  return *flags;
}
Exit exitOf(std::vector<const char*> words) {
  words.insert(words.begin(), "qpq-server");
  auto flags = parseFlags(static_cast<int>(words.size()), words.data(), "1.2.3");
  REQUIRE(!flags);
  return flags.error();
}
}  // namespace

TEST_CASE("an empty file is the defaults") {
  auto config = parseConfig("", "qpq.toml");
  REQUIRE(config);
  CHECK(config->listen == "0.0.0.0:7000");
  CHECK(config->dataDir == "data");
  CHECK(!config->dbKey);
  CHECK(!config->allowInsecureAuth);
  CHECK(config->registration == Registration::open);
  CHECK(config->loops == 0);
  CHECK(config->blobQuotaMib == 50);
}

TEST_CASE("every key is read") {
  auto config = parseConfig(R"(
    listen = "[::1]:7100"
    data_dir = "/srv/qpq"
    tls_cert = "c.pem"
    tls_key = "k.pem"
    db_path = "store.db"
    db_key = "open sesame"
    allow_insecure_auth = true
    registration = "invite"
    loops = 3
    memory_max_mib = 512
    blob_quota_mib = 7
    metrics_listen = "[::1]:9100"
    log_format = "json"
    log_level = "warn"
  )",
                            "qpq.toml");
  REQUIRE(config);
  CHECK(config->listen == "[::1]:7100");
  CHECK(config->dataDir == "/srv/qpq");
  CHECK(config->tlsCert == "c.pem");
  CHECK(config->tlsKey == "k.pem");
  CHECK(config->dbPath == "store.db");
  CHECK(asText(config->dbKey->expose()) == "open sesame");
  CHECK(config->allowInsecureAuth);
  CHECK(config->registration == Registration::invite);
  CHECK(config->loops == 3);
  CHECK(config->memoryMaxMiB == 512);
  CHECK(config->blobQuotaMib == 7);
  CHECK(config->metricsListen == "[::1]:9100");
  CHECK(config->log.format == LogFormat::json);
  CHECK(config->log.level == LogLevel::warn);
  CHECK(parseConfig("db_key_file = \"key\"", "f")->dbKeyFile == "key");
}

TEST_CASE("an unknown key is an error that names its line and the key that was meant") {
  CHECK(refusal("listen = \"a:1\"\ndata_dirr = \"x\"") ==
        "qpq.toml:2: unknown key \"data_dirr\"; did you mean \"data_dir\"?");
  CHECK(refusal("lisden = \"a:1\"").contains("did you mean \"listen\"?"));
  CHECK(refusal("[tls]\ncert = \"x\"").contains("unknown key \"tls\""));
}

TEST_CASE("a wrong type names file, line and what belongs there") {
  CHECK(refusal("\nlisten = 7000") == "qpq.toml:2: \"listen\" must be a string in quotes");
  CHECK(refusal("allow_insecure_auth = \"yes\"").contains("must be true or false"));
  CHECK(refusal("db_key = 12").contains("must be a string in quotes"));
  CHECK(refusal("registration = \"maybe\"").contains("must be \"open\", \"invite\" or \"closed\""));
  for (const char* wrong : {"loops = 0", "loops = 65", "loops = -1", "loops = \"2\"", "loops = 1.5"}) {
    CHECK(refusal(wrong).contains("must be a number from 1 to 64"));
  }
  CHECK(refusal("data_dir = \"\"").contains("is empty"));
  CHECK(refusal("log_format = \"xml\"").contains("\"log_format\" must be \"logfmt\" or \"json\""));
  CHECK(refusal("log_level = 3").contains("must be \"debug\", \"info\", \"warn\" or \"error\""));
  CHECK(refusal("metrics_listen = 9090").contains("must be a string in quotes"));
}

TEST_CASE("what is no TOML is an error with its line") {
  CHECK(refusal("listen = \"a:1\"\nwhat is this").starts_with("qpq.toml:2: "));
  CHECK(refusal("listen = \"a:1\"\nlisten = \"b:1\"").starts_with("qpq.toml:2: "));
}

TEST_CASE("a flag wins over the file") {
  Config config = *parseConfig("listen = \"a:1\"\ndata_dir = \"d\"\ndb_key_file = \"f\"", "f");
  Flags flags = flagsOf({"--listen", "b:2", "--db-key", "k", "--allow-insecure-auth"});
  Config result = overlay(std::move(config), flags);
  CHECK(result.listen == "b:2");
  CHECK(result.dataDir == "d");
  CHECK(asText(result.dbKey->expose()) == "k");
  CHECK(result.dbKeyFile.empty());
  CHECK(result.allowInsecureAuth);
}

TEST_CASE("every flag has its place") {
  Flags flags =
      flagsOf({"--config",    "c",     "--data-dir",       "d", "--tls-cert",       "e", "--tls-key",    "f",
               "--db-path",   "g",     "--db-key-file",    "h", "--metrics-listen", "i", "--log-format", "json",
               "--log-level", "debug", "--blob-quota-mib", "9"});
  Config config = overlay(Config(), flags);
  CHECK(flags.config == "c");
  CHECK(config.dataDir == "d");
  CHECK(config.tlsCert == "e");
  CHECK(config.tlsKey == "f");
  CHECK(config.dbPath == "g");
  CHECK(config.dbKeyFile == "h");
  CHECK(config.metricsListen == "i");
  CHECK(config.log.format == LogFormat::json);
  CHECK(config.log.level == LogLevel::debug);
  CHECK(config.blobQuotaMib == 9);
}

TEST_CASE("commands take the server's flags before and behind them") {
  CHECK(flagsOf({}).command == Command::serve);
  CHECK(flagsOf({"check-config", "--config", "c"}).config == "c");
  CHECK(flagsOf({"--data-dir", "d", "status", "--json"}).json);
  CHECK(flagsOf({"verify"}).command == Command::verify);
  CHECK(flagsOf({"backup", "b", "--data-dir", "d"}).dataDir == "d");
  Flags restore = flagsOf({"restore", "b", "--force"});
  CHECK(restore.command == Command::restore);
  CHECK(restore.file == "b");
  CHECK(restore.force);
  CHECK(exitOf({"backup"}).code == 2);
  CHECK(exitOf({"status", "verify"}).code == 2);
  CHECK(exitOf({"start"}).code == 2);
}

TEST_CASE("help and version are no failures, a wrong flag is one") {
  CHECK(exitOf({"--help"}).code == 0);
  CHECK(exitOf({"--help"}).text.contains("--allow-insecure-auth"));
  CHECK(exitOf({"--version"}).code == 0);
  CHECK(exitOf({"--version"}).text.contains("qpq-server 1.2.3"));
  CHECK(exitOf({"--lisden", "x"}).code == 2);
  CHECK(exitOf({"--listen"}).code == 2);
  CHECK(exitOf({"--log-level", "loud"}).code == 2);
}
